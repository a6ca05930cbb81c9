import type { ComponentProps } from 'react';
import type { HeatPicture } from '../../history/picture';
import { create, twinOfHeatMap } from '../../views/heat-map';
import { PicturePane } from './PicturePane';

/** Every entry of a stretch of addresses as one pixel. */
export function HeatPane(props: Omit<ComponentProps<typeof PicturePane<HeatPicture>>, 'make' | 'twinOf' | 'says'>) {
  return (
    <PicturePane
      says="One pixel an entry, from the lowest address on: what a tree of a million entries looks like."
      make={create}
      twinOf={twinOfHeatMap}
      {...props}
    />
  );
}
