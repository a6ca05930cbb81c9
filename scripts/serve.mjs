/** Serves the built site: `node scripts/serve.mjs [port]`. If the port is taken, the next free one is used. */
import { listen, staticServer } from './static.mjs';

const first = Number(process.argv[2] ?? process.env.PORT ?? 5173);
for (let port = first; ; port++) {
  try {
    const used = await listen(staticServer({ root: 'dist' }), port);
    console.log(`mmscope: http://localhost:${used}/   (Ctrl-C ends it)`);
    break;
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken || port >= first + 50) throw error;
  }
}
