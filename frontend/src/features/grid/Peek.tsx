import { peekPlace } from "./fit";
import classes from "./Tiles.module.css";
import { usePeek } from "./useGrid";

const TIMES = 3;
const MIN_WIDTH = 340;
const MARGIN = 24;

/** The photo three times as large, beside its tile; what it shows the tile's name tells. */
export function PeekView() {
  const peek = usePeek();
  if (!peek) return null;
  const { item, tile } = peek;
  const screen = { width: window.innerWidth, height: window.innerHeight };
  const aspect = item.width / Math.max(1, item.height);
  const wanted = Math.max(MIN_WIDTH, tile.width * TIMES);
  const width = Math.min(wanted, screen.width - MARGIN, (screen.height - MARGIN) * aspect);
  const size = { width, height: width / aspect };
  return (
    <div className={classes.peek} style={{ ...peekPlace(tile, size, screen), ...size }} aria-hidden="true">
      <img key={`t${item.photo_id}`} src={item.thumb_url} alt="" />
      <img key={`v${item.photo_id}`} src={item.view_url} alt="" />
    </div>
  );
}
