import type { ComponentProps } from 'react';
import type { HeatPicture } from '../../history/picture';
import { create } from '../../views/heat-map';
import { PicturePane } from './PicturePane';

const twin = async () => (await import('../../views/heat-map/twin')).twinOfHeatMap;

/** Every entry of a stretch of addresses as one pixel. */
export function HeatPane(props: Omit<ComponentProps<typeof PicturePane<HeatPicture>>, 'make' | 'twin' | 'says'>) {
  return (
    <PicturePane
      says="One pixel an entry, from the lowest address on: what a tree of a million entries looks like."
      make={create}
      twin={twin}
      {...props}
    />
  );
}
