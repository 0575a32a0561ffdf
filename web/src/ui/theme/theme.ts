import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type VariantColorsResolver,
} from '@mantine/core';
import { scales } from './scales.ts';

const small = { defaultProps: { size: 'xs' } };
const popover = { defaultProps: { shadow: 'md', radius: 'md', transitionProps: { duration: 90 } } };
// The page itself never scrolls (the main area does), and locking it would need a style element,
// which the content security policy forbids.
const overlay = {
  defaultProps: {
    lockScroll: false,
    transitionProps: { duration: 150 },
    closeButtonProps: { 'aria-label': 'Close' },
    overlayProps: { backgroundOpacity: 0.35 },
  },
};

/** Mantine picks the text colour of a filled control for the light scheme only; the tokens know both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant !== 'filled') return colors;
  const name = input.color ?? input.theme.primaryColor;
  const tone = name === 'chart' ? 'primary' : name === 'port' ? 'danger' : undefined;
  if (!tone) return colors;
  return {
    ...colors,
    background: `var(--bw-${tone})`,
    hover: `var(--bw-${tone}-hover)`,
    color: `var(--bw-on-${tone})`,
  };
};

/** Mantine on the Bridgewatch tokens. Everything small: 13 px text, 30 px controls. */
export const theme = createTheme({
  // Mantine's own greys, where a component asks for them by name.
  colors: {
    ...scales,
    gray: scales.ink,
    dark: [
      'var(--bw-text)',
      'var(--bw-text-2)',
      'var(--bw-text-3)',
      'var(--bw-line-control)',
      'var(--bw-line-strong)',
      'var(--bw-line)',
      'var(--bw-raised)',
      'var(--bw-surface)',
      'var(--bw-canvas)',
      'var(--bw-sunken)',
    ],
  },
  primaryColor: 'chart',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  variantColorResolver,
  black: scales.ink[9],
  white: '#ffffff',
  fontFamily: 'var(--bw-font)',
  fontFamilyMonospace: 'var(--bw-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '22px', lg: '24px', xl: '28px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '20px', xl: '24px' },
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '999px' },
  defaultRadius: 'sm',
  shadows: { xs: 'var(--bw-e-1)', sm: 'var(--bw-e-1)', md: 'var(--bw-e-2)', lg: 'var(--bw-e-3)', xl: 'var(--bw-e-3)' },
  headings: {
    fontFamily: 'var(--bw-font)',
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '13px', lineHeight: '20px' },
    },
  },
  breakpoints: { xs: '36em', sm: '48em', md: '62em', lg: '75em', xl: '88em' },
  respectReducedMotion: true,
  components: {
    Button: small,
    ActionIcon: { defaultProps: { size: 30, variant: 'subtle', color: 'ink' } },
    Input: small,
    InputWrapper: small,
    TextInput: small,
    PasswordInput: small,
    NumberInput: small,
    Textarea: { defaultProps: { size: 'xs', autosize: true, minRows: 3 } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right', allowDeselect: false } },
    MultiSelect: small,
    Autocomplete: small,
    TagsInput: small,
    PinInput: { defaultProps: { size: 'md' } },
    Checkbox: { defaultProps: { size: 'xs', iconColor: 'var(--bw-on-primary)' } },
    Radio: { defaultProps: { size: 'xs', iconColor: 'var(--bw-on-primary)' } },
    Switch: { defaultProps: { size: 'sm' } },
    SegmentedControl: small,
    DatePickerInput: small,
    DateTimePicker: small,
    TimeInput: small,
    Tabs: { defaultProps: { keepMounted: false } },
    Table: { defaultProps: { verticalSpacing: 0, horizontalSpacing: 8 } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false, transitionProps: { duration: 90 } } },
    Popover: popover,
    // Its placeholder for the first focus is no valid child of a menu.
    Menu: { defaultProps: { ...popover.defaultProps, withInitialFocusPlaceholder: false } },
    Modal: overlay,
    Drawer: { defaultProps: { ...overlay.defaultProps, position: 'right' } },
    Spotlight: { defaultProps: { lockScroll: false, overlayProps: { backgroundOpacity: 0.35, blur: 0 } } },
    Pill: { defaultProps: { removeButtonProps: { 'aria-label': 'Remove' } } },
    CloseButton: { defaultProps: { 'aria-label': 'Close' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Loader: { defaultProps: { size: 'xs' } },
  },
});

/** Points Mantine's own semantic variables at the tokens, which already follow the colour scheme. */
export const resolver: CSSVariablesResolver = () => {
  const tones = {
    '--mantine-color-body': 'var(--bw-canvas)',
    '--mantine-color-text': 'var(--bw-text)',
    '--mantine-color-dimmed': 'var(--bw-text-3)',
    '--mantine-color-placeholder': 'var(--bw-text-3)',
    '--mantine-color-anchor': 'var(--bw-link)',
    '--mantine-color-bright': 'var(--bw-text)',
    '--mantine-color-default': 'var(--bw-surface)',
    '--mantine-color-default-hover': 'var(--bw-surface-2)',
    '--mantine-color-default-color': 'var(--bw-text)',
    '--mantine-color-default-border': 'var(--bw-line-strong)',
    '--mantine-color-error': 'var(--bw-critical-text)',
    '--mantine-color-disabled': 'var(--bw-surface-2)',
    '--mantine-color-disabled-color': 'var(--bw-text-disabled)',
    '--mantine-color-disabled-border': 'var(--bw-line)',
    '--mantine-primary-color-filled': 'var(--bw-primary)',
    '--mantine-primary-color-filled-hover': 'var(--bw-primary-hover)',
    '--mantine-primary-color-contrast': 'var(--bw-on-primary)',
    '--mantine-color-port-filled': 'var(--bw-danger)',
    '--mantine-color-port-filled-hover': 'var(--bw-danger-hover)',
  };
  return { variables: {}, light: tones, dark: tones };
};
