import { peekPlace } from "./fit";
import classes from "./Tiles.module.css";
import { usePeek } from "./useGrid";

const TIMES = 3;
const MIN_SIDE = 320;
const MARGIN = 24;

/** The photo three times as large, beside its tile; what it shows the tile's name tells. */
export function PeekView() {
  const peek = usePeek();
  if (!peek) return null;
  const { item, tile } = peek;
  const limit = Math.min(window.innerWidth, window.innerHeight) - MARGIN;
  const side = Math.min(limit, Math.max(MIN_SIDE, tile.width * TIMES));
  const place = peekPlace(tile, side, { width: window.innerWidth, height: window.innerHeight });
  return (
    <div className={classes.peek} style={{ ...place, width: side, height: side }} aria-hidden="true">
      <img key={`t${item.photo_id}`} src={item.thumb_url} alt="" />
      <img key={`v${item.photo_id}`} src={item.view_url} alt="" />
    </div>
  );
}
