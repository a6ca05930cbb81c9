/** Width and height of the room for each picture, as the page gives it at these sizes; text as large as in a room or not. */
export type Rooms = Readonly<Record<'areas' | 'tree' | 'pool' | 'frames' | 'alone', readonly [number, number]>>;
export const PANES: Readonly<Record<string, { readonly scale: number; readonly rooms: Rooms }>> = {
  '1280×720': {
    scale: 1,
    rooms: { areas: [198, 479], tree: [486, 266], pool: [208, 215], frames: [208, 185], alone: [208, 497] },
  },
  '1280×720 in a room': {
    scale: 1.25,
    rooms: { areas: [236, 498], tree: [671, 498], pool: [236, 238], frames: [236, 194], alone: [236, 498] },
  },
  '1440×900': {
    scale: 1,
    rooms: { areas: [225, 659], tree: [549, 389], pool: [236, 313], frames: [236, 267], alone: [236, 677] },
  },
  '1440×900 in a room': {
    scale: 1.25,
    rooms: { areas: [271, 678], tree: [760, 678], pool: [271, 337], frames: [271, 275], alone: [271, 678] },
  },
  '1920×1080': {
    scale: 1,
    rooms: { areas: [304, 839], tree: [762, 511], pool: [326, 429], frames: [326, 349], alone: [326, 857] },
  },
  '1920×1080 in a room': {
    scale: 1.25,
    rooms: { areas: [368, 858], tree: [1021, 858], pool: [368, 435], frames: [368, 357], alone: [368, 858] },
  },
  '390×844': {
    scale: 1,
    rooms: { areas: [351, 481], tree: [351, 481], pool: [351, 234], frames: [351, 186], alone: [351, 499] },
  },
  '390×844 in a room': {
    scale: 1.25,
    rooms: { areas: [345, 576], tree: [345, 576], pool: [345, 281], frames: [345, 229], alone: [345, 576] },
  },
};
