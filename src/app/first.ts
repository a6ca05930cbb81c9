/** The scenario that the page opens on: the first of the library. */
export { default as FIRST } from '../scenario/library/tour.mm?raw';
