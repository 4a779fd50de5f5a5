/** `node tests/shots.ts <folder>`: the page on the stand-in server, in two sizes and two colour schemes. */
import { mkdirSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Mock } from './mock-server.ts';
import { scene } from './scene.ts';

const folder = process.argv[2] ?? 'shots';
const only = process.argv[3];
mkdirSync(folder, { recursive: true });
const mock = new Mock(new URL('../dist', import.meta.url).pathname);
const { ada, boris, mira, festival, songs, archive, quiet, long } = scene(mock);
await new Promise<void>((resolve) => mock.server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(mock.server.address() as AddressInfo).port}/`;

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

async function shoot(browser: Browser, size: keyof typeof SIZES, colorScheme: 'dark' | 'light'): Promise<void> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme,
    deviceScaleFactor: 1,
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && console.log('console:', message.text()));
  page.on('pageerror', (error) => console.log('page error:', error.message));
  const shot = (name: string): Promise<unknown> => page.screenshot({ path: `${folder}/${size}-${colorScheme}-${name}.png`, animations: 'disabled' });
  await page.goto(url);
  await page.fill('[name=name]', 'Ada');
  await shot('1-sign-in');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[name=password]');
  await shot('2-password');
  await page.fill('[name=password]', 'password');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.row');
  await page.waitForTimeout(200);
  await shot('3-list');
  await open(page, festival.channel);
  mock.type(festival, boris);
  await page.waitForSelector('.typing .dots');
  await shot('4-thread');
  await page.locator('.message').nth(-2).focus();
  await page.keyboard.press('+');
  await page.waitForSelector('.palette');
  await shot('5-react');
  await page.keyboard.press('Escape');
  await page.locator('.message').nth(-1).focus();
  await page.keyboard.press('r');
  await page.waitForSelector('.mode');
  await page.fill('textarea', 'A majority of two, then: I have seen the trees.');
  await page.click('.status > button');
  await shot('6-reply-and-connection');
  await page.click('.status > button');
  await page.click('[aria-label="Members and title"]');
  await page.waitForSelector('.members li');
  await shot('7-members');
  await page.keyboard.press('Escape');
  await open(page, songs.channel);
  await shot('8-rtl');
  await open(page, long.channel);
  await shot('9-long');
  await page.fill('textarea', 'refuse me');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.refused');
  await shot('10-refused');
  await open(page, quiet.channel);
  await shot('11-empty');
  await open(page, archive.channel);
  await page.locator('.log').evaluate((log) => (log.scrollTop = 200));
  await page.waitForTimeout(300);
  mock.say(archive, mira, 'And one more');
  await page.waitForTimeout(200);
  await shot('12-history');
  await page.goto(`${url}#/`);
  await page.click('[aria-label="New thread"]');
  await page.fill('[name=title]', 'Autumn walk');
  await page.fill('[role=combobox]', 'm');
  await page.waitForSelector('[role=option]');
  await shot('13-new-thread');
  await page.keyboard.press('Escape');
  await page.click('.me');
  await shot('14-account');
  await page.click('text=Sign out');
  await page.waitForSelector('.card');
  await page.fill('[name=name]', `Newcomer ${size} ${colorScheme}`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.first-steps');
  await shot('15-no-threads');
  await context.close();
  festival.read.set(ada.id, festival.number - 1);
  songs.read.set(ada.id, 2);
  archive.log.pop();
  archive.number--;
}

async function open(page: Page, channel: string): Promise<void> {
  await page.goto(`${url}#/${channel}`);
  await page.waitForSelector('.log[aria-busy=false]');
  await page.waitForTimeout(150);
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
for (const [size, scheme] of [
  ['desktop', 'light'],
  ['phone', 'dark'],
  ['desktop', 'dark'],
  ['phone', 'light'],
] as const) {
  if (!only || only === size || only === `${size}-${scheme}`) await shoot(browser, size, scheme);
}
await browser.close();
mock.server.close();
process.exit(0);
