/** What a step's beats need, in one part that is loaded after the first picture. */
export { loadMotion } from '../../views/motion';
export { beatsOf } from '../../views/beats/beats';
export { stagedPictures } from '../../views/beats/staged';
