/** Open hours as one writes them: `08:00-12:00, 13:00-16:00`. The server says which are wrong. */

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

interface Hours {
  from: string;
  to: string;
}

export const writeHours = (hours: readonly Hours[]): string => hours.map(({ from, to }) => `${from}-${to}`).join(', ');

/** What has no dash becomes hours without an end, which the server refuses by their place. */
export const readHours = (text: string): Hours[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [from = '', to = ''] = part.split(/\s*[-–]\s*/);
      return { from, to };
    });

/** `Office hours (Oslo)` becomes `office-hours-oslo`. */
export const keyFrom = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '') || 'unnamed';
