import './theme.css';
import './print.css';
import '../views/tokens.css';
import { createRoot } from 'react-dom/client';
import { createSession } from '../store/session';
import { createClient } from '../worker/client';
import { startWorker } from '../worker/start';
import { App } from './App';
import { FIRST } from './first';
import { guarded, refuses } from './guard';
import { begin, dressForFrame } from './start';

dressForFrame();
const session = guarded(createSession(createClient(startWorker), { refuses }));
createRoot(document.getElementById('root')!).render(<App session={session} />);
void begin(session, FIRST);
