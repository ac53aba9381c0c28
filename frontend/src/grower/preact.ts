/**
 * What the growers' page uses of React, on bare Preact: the build puts this module in React's place. Preact's own stand-in
 * (preact/compat) would add a tenth to the page. It leaves two things to the components: attributes of SVG are written in
 * the style sheet, and `onChange` is the browser's own event.
 */
import { type ComponentChild, render } from "preact";
import { useEffect, useReducer, useRef } from "preact/hooks";

export { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";

export function useSyncExternalStore<T>(subscribe: (changed: () => void) => () => void, read: () => T): T {
  const value = read();
  const shown = useRef(value);
  shown.current = value;
  const [, draw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const look = () => {
      if (!Object.is(shown.current, read())) draw(undefined);
    };
    // It may have changed between drawing and subscribing.
    look();
    return subscribe(look);
  }, [subscribe, read]);
  return value;
}

export const createRoot = (root: Element) => ({ render: (page: ComponentChild) => render(page, root) });
