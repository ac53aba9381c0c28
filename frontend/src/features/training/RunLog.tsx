import { Text } from "@mantine/core";
import { useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { LogLine } from "@/api/types";
import { Card } from "@/ui/Card";
import classes from "./RunPage.module.css";

/** Distance from the end, in pixels, within which the log keeps following. */
const NEAR_END_PX = 40;

/** The tail of the log; follows new lines unless the reader has scrolled up. */
export function RunLog({ lines }: { lines: readonly LogLine[] }) {
  const { t, i18n } = useTranslation("training");
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  const last = lines.at(-1)?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs for each new last line
  useLayoutEffect(() => {
    const element = list.current;
    if (element && follows.current) element.scrollTop = element.scrollHeight;
  }, [last]);
  return (
    <Card title={t("log.title")}>
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("log.empty")}
        </Text>
      ) : (
        <ol
          ref={list}
          className={classes.log}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region is focusable
          tabIndex={0}
          aria-label={t("log.title")}
          onScroll={(event) => {
            const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
            follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
          }}
        >
          {lines.map((line) => (
            <li key={line.id} className={classes.line} data-level={line.level}>
              <time dateTime={line.created_at}>
                {new Date(line.created_at).toLocaleTimeString(i18n.language)}
              </time>
              <span>{line.message}</span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
