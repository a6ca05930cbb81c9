/** What the first picture does not need is loaded after it. */
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';

let drawn = (): void => undefined;

/** Resolves when the first picture is on the screen and the page has a free moment. */
export const firstPicture = new Promise<void>((done) => {
  drawn = done;
});

const idle = window.requestIdleCallback ?? ((task: () => void) => setTimeout(task, 50));

/** Tells that the first picture is in the document. */
export const firstPictureMade = (): void => void requestAnimationFrame(() => idle(() => drawn()));

/** A component that is loaded after the first picture. */
export const later = <Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): LazyExoticComponent<ComponentType<Props>> =>
  lazy(async () => {
    await firstPicture;
    return { default: await load() };
  });
