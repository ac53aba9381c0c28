import { memo, type PointerEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { stageAt } from "@/api/project";
import type { QueueItem } from "@/api/types";
import { formatDate, formatPercent } from "@/lib/format";
import { Icon } from "@/ui/Icon";
import { StageChip, StageDot } from "@/ui/StageChip";
import { aspectOf, fitTiles, GAP, type Size } from "./fit";
import { grouped } from "./page";
import classes from "./Tiles.module.css";
import { useGridState, useScene, useTileLook, useWords } from "./useGrid";

const LONG_PRESS_MS = 400;
const HEAD_HEIGHT = 32;
const PHONE_COLUMNS = 3;

/** The page of tiles. Sixty small pictures need no virtual list: all of them are meant to be looked at. */
export function Tiles({ isPhone }: { isPhone: boolean }) {
  const { grid } = useScene();
  const { tiles, choice, size, hasMore, next } = useGridState();
  const { t, nameAt } = useWords();
  const [box, setBox] = useState({ width: 0, height: 0 });
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setBox({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const groups = grouped(tiles);
  const hasHeads = choice?.kind === "boundary";
  const aspect = aspectOf(tiles);
  // A page that may still be filled keeps its tiles' size; the last one shows its few as large as fit.
  const nominal = hasMore || next.length > 0 ? size : tiles.length;
  const { columns, width } = layout(
    box,
    isPhone,
    aspect,
    hasHeads ? groups.map((it) => it.tiles.length) : [nominal],
  );
  const style = {
    gridTemplateColumns: `repeat(${columns}, ${width})`,
    gap: GAP,
    "--aspect": aspect,
  };
  return (
    <div ref={host} className={classes.host}>
      <div
        role="listbox"
        aria-multiselectable="true"
        aria-label={t("tiles", { count: tiles.length })}
        className={classes.list}
        onPointerLeave={() => grid.hover(null)}
      >
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: the groups of a listbox; a fieldset is none
          <div
            key={group.stage ?? "none"}
            role="group"
            aria-label={t("suggested", { stage: nameAt(group.stage) })}
          >
            {hasHeads ? <Head stage={group.stage} n={group.tiles.length} /> : null}
            <div role="presentation" className={classes.grid} style={style}>
              {group.tiles.map((item) => (
                <Tile key={item.photo_id} item={item} />
              ))}
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}

function layout(box: Size, isPhone: boolean, aspect: number, groups: number[]) {
  if (isPhone) return { columns: PHONE_COLUMNS, width: "minmax(0, 1fr)" };
  const headHeight = groups.length > 1 ? HEAD_HEIGHT : 0;
  const { columns, tileWidth } = fitTiles({ ...box, aspect, groups, headHeight });
  return { columns, width: `${tileWidth}px` };
}

function Head({ stage: position, n }: { stage: number | null; n: number }) {
  const { stages, t } = useWords();
  const stage = stageAt(stages, position);
  if (!stage) return null;
  return (
    <div className={classes.head} aria-hidden="true">
      <StageChip stage={stage} count={stages.length} small note={t("photos", { count: n })} />
    </div>
  );
}

/** One photo. Drawn anew only when its own mark or focus changes. */
const Tile = memo(function Tile({ item }: { item: QueueItem }) {
  const { grid } = useScene();
  const { stages } = useWords();
  const id = item.photo_id;
  const look = useTileLook(id);
  const isOut = look.startsWith("out");
  const isCursor = look.endsWith("cursor");
  const corrected = look.startsWith("stage") ? stageAt(stages, Number(look.split(" ")[1])) : null;
  const [hasFailed, setHasFailed] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const press = useLongPress(id);
  useEffect(() => (element.current ? grid.addTile(id, element.current) : undefined), [grid, id]);
  const label = useTileLabel(item, look);
  return (
    // The grid hears the keys itself, for all tiles at once.
    <div
      ref={element}
      role="option"
      aria-selected={isOut}
      aria-label={label}
      tabIndex={isCursor ? 0 : -1}
      className={classes.tile}
      data-out={isOut || undefined}
      data-corrected={corrected ? true : undefined}
      data-photo={id}
      {...press}
      onPointerMove={(event) => isMoved(event) && grid.hover(id)}
    >
      {hasFailed ? (
        <span className={classes.failed}>
          <Icon name="warning" />
        </span>
      ) : (
        <img
          src={item.thumb_url}
          alt=""
          draggable={false}
          decoding="async"
          className={classes.image}
          onLoad={() => grid.loaded(id)}
          onError={() => setHasFailed(true)}
        />
      )}
      {isOut ? (
        <span className={classes.cross}>
          <Icon name="close" size={18} />
        </span>
      ) : null}
      {corrected ? (
        <span className={classes.corrected}>
          <StageDot stage={corrected} count={stages.length} />
        </span>
      ) : null}
    </div>
  );
});

/** A mouse that really moved: a page that turns under a resting one must not open a peek. */
function isMoved(event: PointerEvent): boolean {
  return event.pointerType === "mouse" && (event.movementX !== 0 || event.movementY !== 0);
}

/** What a screen reader says of a tile: the photo, what the model says, what will happen to it. */
function useTileLabel(item: QueueItem, look: string): string {
  const { t, language, nameAt } = useWords();
  const [word, position] = look.split(" ");
  const place = [item.site, item.plant, item.taken_at ? formatDate(item.taken_at, language) : ""].filter(
    Boolean,
  );
  const photo = t("tile.photo", { id: item.photo_id });
  const said = t("tile.suggested", {
    stage: nameAt(item.suggestion?.position),
    share: formatPercent(item.suggestion?.confidence, language),
  });
  let fate = t("tile.in");
  if (word === "out") fate = t("tile.out");
  if (word === "stage") fate = t("tile.corrected", { stage: nameAt(Number(position)) });
  return [photo, ...place, said, fate].join(", ");
}

/** Click or tap toggles; a finger that stays peeks instead. */
function useLongPress(photoId: number) {
  const { grid } = useScene();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const wasLong = useRef(false);
  const end = useCallback(() => {
    clearTimeout(timer.current);
    if (wasLong.current) grid.peek(null);
  }, [grid]);
  return {
    onPointerDown: (event: PointerEvent) => {
      wasLong.current = false;
      if (event.pointerType === "mouse") return;
      timer.current = setTimeout(() => {
        wasLong.current = true;
        grid.peek(photoId);
      }, LONG_PRESS_MS);
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu: (event: { preventDefault: () => void }) => {
      if (wasLong.current) event.preventDefault();
    },
    onClick: (event: { shiftKey: boolean }) => {
      if (wasLong.current) return;
      grid.toggle(photoId, event.shiftKey);
    },
  };
}
