import { VisuallyHidden } from "@mantine/core";
import { useReview, useScene } from "./useBench";
import { useWords } from "./words";

/** Says what was decided and which photo is shown now, once and politely. */
export function LiveRegion() {
  const { bench } = useScene();
  const { last, hint } = useReview();
  const { t, what, photo } = useWords();
  const parts: string[] = [];
  if (last) {
    const id = last.entry.item.photo_id;
    parts.push(
      last.what === "undone"
        ? t("live.undone", { id })
        : t("live.decided", { id, what: what(last.entry.decision) }),
    );
  }
  const shown = bench.store.shown;
  if (shown) parts.push(t("live.next", { photo: photo(shown) }));
  return (
    <VisuallyHidden aria-live="polite" role="status">
      {hint ? t(`hint.${hint}`) : parts.join(" ")}
    </VisuallyHidden>
  );
}
