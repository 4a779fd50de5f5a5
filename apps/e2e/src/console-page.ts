/** The page in a real browser, driven as a person drives it: by what is written on it. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually, findChromium } from '@veche/testing';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';

const SHOTS = fileURLToPath(new URL('../../../test-output/console/', import.meta.url));
/** A reconnect waits at most 5 s between attempts; a loaded machine needs some more. */
const WITHIN_MS = 30_000;

export type Screen = 'phone' | 'desktop';
const SCREENS = { phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, desktop: { viewport: { width: 1280, height: 800 } } };

export const browserPath = findChromium();

/** The sandbox of Chromium refuses to work as root. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath ?? '',
    args: ['--disable-gpu', '--disable-background-networking', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });

export class ConsolePage {
  /** What the page threw, was forbidden, or asked of strangers; requests that fail while the server is dead are none. */
  readonly errors: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    readonly page: Page,
    private readonly origin: string,
  ) {
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
    page.on('console', (message) => message.text().includes('Content Security Policy') && this.errors.push(message.text()));
    page.on('request', (request) => !request.url().startsWith(origin) && this.errors.push(`asked a stranger: ${request.url()}`));
    page.setDefaultTimeout(WITHIN_MS);
  }

  static async open(browser: Browser, origin: string, screen: Screen, colorScheme: 'light' | 'dark'): Promise<ConsolePage> {
    const context = await browser.newContext({ ...SCREENS[screen], colorScheme, locale: 'en-GB' });
    return new ConsolePage(context, await context.newPage(), origin);
  }

  async visit(transport?: string): Promise<void> {
    await this.page.goto(transport ? `${this.origin}/?transport=${transport}` : this.origin);
  }

  async signIn(name: string, password?: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Enter', exact: true }).click();
    if (password !== undefined) {
      await this.page.getByLabel('Password').fill(password);
      await this.page.getByRole('button', { name: 'Enter', exact: true }).click();
    }
    await this.state('live');
  }

  async createThread(title: string, invited: readonly string[]): Promise<void> {
    await this.page.getByRole('button', { name: 'New thread' }).first().click();
    await this.page.getByLabel('What is it about?').fill(title);
    for (const name of invited) {
      await this.page.getByRole('combobox').fill(name);
      await this.page.getByRole('option', { name }).first().click();
    }
    await this.page.getByRole('button', { name: 'Start the thread' }).click();
    await this.page.getByRole('heading', { name: title, level: 1 }).waitFor();
  }

  async openThread(title: string): Promise<void> {
    await this.row(title).click();
    await this.page.locator('.log[aria-busy=false]').waitFor();
  }

  async backToList(): Promise<void> {
    await this.page.getByRole('link', { name: 'All threads' }).click();
  }

  row(title: string): Locator {
    return this.page.locator('.row', { hasText: title });
  }

  message(text: string): Locator {
    return this.page.locator('.message', { hasText: text });
  }

  async say(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Texts of all messages on the screen, from top to bottom, without their times. */
  texts(): Promise<string[]> {
    return this.page.locator('.message .text').evaluateAll((all) => all.map((one) => String(one.firstChild?.textContent)));
  }

  /** Waits until exactly these messages that match are shown, in this order, and all of them are acknowledged. */
  async shows(expected: readonly string[], matching: RegExp): Promise<void> {
    let seen: string[] = [];
    const asExpected = async (): Promise<boolean> => {
      seen = (await this.texts()).filter((text) => matching.test(text));
      return JSON.stringify(seen) === JSON.stringify(expected) && (await this.page.locator('.waiting').count()) === 0;
    };
    await eventually(asExpected, { timeoutMs: WITHIN_MS }).catch(async (error: unknown) => {
      await this.shot('failed');
      throw new Error(`expected ${expected.length} messages ${String(matching)}; the page shows ${JSON.stringify(seen)} (test-output/console/failed.png)`, {
        cause: error,
      });
    });
  }

  /** The line at the bottom. */
  status(part: 'state' | 'transport' | 'seq' | 'reconnects' | 'unsent'): Locator {
    return this.page.locator(`.status [data-part=${part}]`);
  }

  state(word: 'live' | 'connecting'): Promise<void> {
    return this.status('state').filter({ hasText: word }).waitFor();
  }

  async shot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SHOTS}${name}.png`, animations: 'disabled' });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}
