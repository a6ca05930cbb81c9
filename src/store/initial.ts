/** What the page knows before the worker has said anything. */
import type { State } from './state';

export const initialState = (): State => ({
  scenario: { text: '', loaded: null, undo: [], redo: [] },
  time: { place: { k: 0, event: null }, playing: false, speed: 1, fine: false, motion: 'jump' },
  pictures: { left: null, right: null, comparison: null },
  selection: { selected: [], hovered: [], selectedFellows: null, hoveredFellows: null, inspection: null },
  want: {
    who: 0,
    areas: { maxRows: 200, maxSegments: 64, foldUntouched: true },
    tree: { open: [], folded: [], maxMarks: 1200 },
    heat: null,
    maxPoolCells: 512,
    frames: { who: null, maxCells: 1024, from: 0 },
    maxSteps: 400,
    proc: null,
    wall: null,
    maxTimeMarks: 400,
  },
  status: { state: 'starting', progress: null, notices: [] },
});
