/** The mark: five petals opening. */
const TURNS = [0, 72, 144, 216, 288] as const;

export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg aria-hidden="true" focusable="false" width={size} height={size} viewBox="0 0 32 32">
      <rect width="32" height="32" rx="9" fill="#23683c" />
      <g fill="#fff">
        {TURNS.map((turn) => (
          <ellipse key={turn} cx="16" cy="9" rx="3.4" ry="5" transform={`rotate(${turn} 16 16)`} />
        ))}
      </g>
      <circle cx="16" cy="16" r="3.2" fill="#f2c14e" />
    </svg>
  );
}
