/** Asks before something that cannot be taken back. The dialog itself is loaded when the first question comes. */
export interface Question {
  title: string;
  body: string;
  confirm: string;
  cancel: string;
  /** Draws the confirming button as a warning. */
  isDangerous?: boolean;
  onConfirm: () => void;
  /** Also when the dialog is closed without an answer. */
  onCancel?: () => void;
}

let current: Question | null = null;
const listeners = new Set<() => void>();

function set(question: Question | null): void {
  current = question;
  for (const listener of listeners) listener();
}

export function askToConfirm(question: Question): void {
  set(question);
}

export function closeQuestion(): void {
  set(null);
}

export function currentQuestion(): Question | null {
  return current;
}

export function onQuestion(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
