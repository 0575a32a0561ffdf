import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Waits until the page shows data: nothing is loading, fonts are there. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"], .mantine-Skeleton-root, .mantine-Loader-root')).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  // Drawers and dialogs have ended their way in: a colour half way between two has no contrast to judge.
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** What WCAG 2.2 AA asks of a page, as far as a machine can see it; the message names rule, place and cure. */
export async function audit(page: Page, name: string, rules?: string[]): Promise<void> {
  // Legacy mode asks the page alone: there are no frames, and no second page has to be opened for each.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  if (rules) axe.withRules(rules);
  else axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']);
  const { violations } = await axe.analyze();
  const found = violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id} at ${node.target.join(' ')}: ${node.failureSummary ?? violation.help}`,
    ),
  );
  expect.soft(found, `axe on ${name}`).toEqual([]);
}

/** The page in light, then in dark: there only what a scheme can change, the contrast of colours. */
export async function auditBoth(page: Page, name: string): Promise<void> {
  await audit(page, `${name}, light`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await audit(page, `${name}, dark`, ['color-contrast']);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
}

/** Nothing may stay wider than the window: neither the page nor its scrolling middle. Charts follow a new width late. */
export async function fits(page: Page, name: string): Promise<void> {
  const wide = () =>
    page.evaluate(() => {
      const parts = [document.documentElement, ...document.querySelectorAll('#main, [role=dialog]')];
      return parts.filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.tagName);
    });
  const soft = expect.configure({ soft: true });
  await soft.poll(wide, { message: `${name} scrolls sideways at ${page.viewportSize()?.width} px` }).toEqual([]);
}

/** Collects what the browser complains about: errors in the console, exceptions, refused requests. */
export function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') found.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => found.push(`${page.url()}: ${error.message}`));
  return found;
}

export interface Credentials {
  email: string;
  password: string;
}

export async function signIn(page: Page, { email, password }: Credentials): Promise<void> {
  await page.getByLabel('Mail address').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/home$/);
}
