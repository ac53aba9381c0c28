/** Keys of the second look: one settles a doubt and goes on. */
import type { Bindings } from "@/lib/hotkeys";

export const ACTIONS = [
  "confirm",
  "send_back",
  "dismiss",
  "next",
  "previous",
  "undo",
  "zoom_in",
  "zoom_out",
  "zoom_reset",
  "help",
] as const;

export type Action = (typeof ACTIONS)[number];

export const KEYS: Record<Action, string[]> = {
  confirm: ["Key:enter"],
  send_back: ["Key:s"],
  dismiss: ["Key:x"],
  next: ["Key:arrowright", "Key:j"],
  previous: ["Key:arrowleft", "Key:k"],
  undo: ["Key:z", "Ctrl+Key:z", "Key:backspace"],
  zoom_in: ["Key:+", "Key:="],
  zoom_out: ["Key:-"],
  zoom_reset: ["Key:0"],
  help: ["Key:?", "Shift+Key:?"],
} satisfies Bindings<Action>;
