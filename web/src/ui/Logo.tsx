/** The mark without its tile, for dark grounds. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <path
        d="M4.2 18C7.6 23 11.5 25.2 16 25.2S24.4 23 27.8 18"
        fill="none"
        stroke="var(--bw-chart-5)"
        strokeWidth="1.9"
        strokeLinecap="round"
      />
      <path
        d="M3.8 16C7.2 9.7 11.3 6.8 16 6.8S24.8 9.7 28.2 16M3.8 16h7M21.2 16h7"
        fill="none"
        stroke="var(--bw-nav-text-strong)"
        strokeWidth="2.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="16" r="3.7" fill="var(--bw-brass-3)" />
    </svg>
  );
}
