import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import type { Plugin } from 'vite';
import { resolver, theme } from './src/ui/theme/theme.ts';

const ID = 'virtual:mantine-theme.css';

/**
 * Writes the variables of the Mantine theme into the style sheet at build time.
 *
 * Mantine would add them as a style element while running; the content security policy allows style
 * sheets of our own origin only, so MantineProvider runs with `withCssVariables={false}`.
 */
export function themeCss(): Plugin {
  return {
    name: 'bridgewatch-theme-css',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return undefined;
      const merged = mergeMantineTheme(DEFAULT_THEME, theme);
      const base = defaultCssVariablesResolver(merged);
      const own = resolver(merged);
      return convertCssVariables({
        variables: { ...base.variables, ...own.variables },
        light: { '--mantine-color-scheme': 'light', ...base.light, ...own.light },
        dark: { '--mantine-color-scheme': 'dark', ...base.dark, ...own.dark },
      });
    },
  };
}
