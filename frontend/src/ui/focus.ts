import type { MouseEvent } from "react";

/** For `onMouseDown` of buttons: a mouse must not take the focus to one, or the next Enter would press it again. */
export const keepFocus = (event: MouseEvent) => event.preventDefault();
