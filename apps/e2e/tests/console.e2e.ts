/** The page in a real browser: what two people see, with the server killed under them. Screenshots: test-output/console. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { browserPath, ConsolePage, openBrowser, type Screen } from '../src/console-page.ts';
import { startVeche } from '../src/start-veche.ts';
import type { Veche } from '../src/veche.ts';

if (!browserPath) console.log('console.e2e: skipped, because no Chromium is installed on this machine');

const TITLE = 'Harvest festival';
/** Tokens so short that every test lives through several of them. */
const SETTINGS = { GATEWAY_RECONNECT_ALLOW: '127.0.0.0/8', AUTH_ACCESS_TTL_S: '10' };
const SOON = { timeout: 15_000 };
let server: Veche;
let browser: Browser;
let opened: ConsolePage[] = [];

beforeAll(async () => {
  if (!browserPath) return;
  [server, browser] = await Promise.all([startVeche({ env: SETTINGS }), openBrowser()]);
});

afterEach(async () => {
  const errors = opened.flatMap((page) => page.errors);
  await Promise.all(opened.map((page) => page.close()));
  opened = [];
  if (errors.length > 0) throw new Error(`the page threw:\n${errors.join('\n')}`);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function person(name: string, screen: Screen = 'desktop', scheme: 'light' | 'dark' = 'light', transport?: string): Promise<ConsolePage> {
  const page = await ConsolePage.open(browser, server.origin, screen, scheme);
  opened.push(page);
  await page.visit(transport);
  await page.signIn(name);
  return page;
}

const numbered = (word: string, count: number, from = 1): string[] => Array.from({ length: count }, (_, at) => `${word} ${at + from}`);

test.skipIf(!browserPath)('two people who type only a name chat, see each other, and lose nothing when the server is killed', async () => {
  const ada = await person('Ada Lovelace', 'desktop', 'dark');
  await ada.shot('1-no-threads');
  const boris = await person('Борис', 'phone', 'light');

  await ada.createThread(TITLE, ['Борис']);
  await ada.shot('2-new-thread');
  // Without a reload: membership comes by his own channel.
  await boris.openThread(TITLE);
  await ada.page.getByText('Борис is here').waitFor();

  await ada.say('The square is ours from Friday noon.');
  await boris.message('The square is ours').waitFor();
  await boris.page.getByLabel('Message', { exact: true }).fill('I am thin');
  await ada.page.getByText('Борис is typing').waitFor();
  await ada.shot('3-typing');
  await boris.say('Then the long tables go along the north side?');

  await ada.message('long tables').hover();
  await ada.message('long tables').getByRole('button', { name: 'React' }).click();
  await ada.page.getByRole('button', { name: '🎉' }).click();
  await boris.message('long tables').getByRole('button', { name: '🎉 1' }).waitFor();

  await ada.say('I count 140 chairs.');
  await ada.shows(['I count 140 chairs.'], /^I count/);
  await ada.page.keyboard.press('ArrowUp');
  await ada.say('I count 164 chairs.');
  await boris.message('I count 164 chairs.').getByText('edited').waitFor();
  expect(await boris.message('140').count()).toBe(0);

  await ada.message('long tables').hover();
  await ada.message('long tables').getByRole('button', { name: 'Reply' }).click();
  await ada.say('Yes, and the band under the arcade.');
  await boris.message('the band').locator('.quote', { hasText: 'long tables' }).waitFor();
  await boris.shot('4-conversation');

  await boris.backToList();
  for (const text of numbered('Unread', 3)) await ada.say(text);
  await boris.row(TITLE).getByLabel('3 unread').waitFor();
  await boris.row(TITLE).getByText('Unread 3').waitFor();
  await boris.shot('5-unread');
  await boris.openThread(TITLE);
  await boris.page.getByRole('heading', { name: 'New', exact: true }).waitFor();
  await boris.shows(numbered('Unread', 3), /^Unread/);
  // The count of unread messages stands in the title of the window.
  await expect.poll(() => boris.page.title(), SOON).toBe('Veche');
  await boris.backToList();
  expect(await boris.row(TITLE).locator('.badge').count()).toBe(0);
  await boris.openThread(TITLE);

  await server.kill();
  await ada.state('connecting');
  for (const text of numbered('In the dark', 3)) await ada.say(text);
  await ada.status('unsent').filter({ hasText: '3 unsent changes' }).waitFor();
  await ada.shot('6-server-killed');
  await server.start();
  await Promise.all([ada.state('live'), boris.state('live')]);
  await boris.shows(numbered('In the dark', 3), /^In the dark/);
  await ada.shows(numbered('In the dark', 3), /^In the dark/);
  await ada.status('reconnects').filter({ hasText: '1 reconnect' }).waitFor();
  await ada.page.getByText('Борис is here').waitFor();
  await ada.shot('7-resumed');
  expect(await ada.texts()).toEqual(await boris.texts());
});

test.skipIf(!browserPath)('messages on their way while the server is killed again and again arrive once and in order', async () => {
  const ada = await person('Clara', 'desktop', 'light');
  const boris = await person('Dmitri', 'desktop', 'dark', 'http_stream');
  await ada.createThread('Storm', ['Dmitri']);
  await boris.openThread('Storm');
  const all = numbered('Drop', 30);
  for (const [at, text] of all.entries()) {
    await ada.say(text);
    if (at % 10 === 5) await server.crash();
  }
  await boris.shows(all, /^Drop/);
  await ada.shows(all, /^Drop/);
});

test.skipIf(!browserPath)('a message that was not answered outlives the page', async () => {
  const ada = await person('Edith', 'phone', 'dark');
  await ada.createThread('Reload', []);
  await ada.say('before');
  await ada.shows(['before'], /./);
  await server.kill();
  await ada.state('connecting');
  await ada.say('during');
  await server.start();
  await ada.page.reload();
  await ada.shows(['before', 'during'], /./);
  await ada.page.reload();
  await ada.shows(['before', 'during'], /./);
});

test.skipIf(!browserPath).each(['websocket', 'http_stream', 'sse'])('the page is the same over %s', async (transport) => {
  const one = await person(`First on ${transport}`, 'desktop', 'light', transport);
  const two = await person(`Second on ${transport}`, 'phone', 'dark', transport);
  await one.createThread(`Over ${transport}`, [`Second on ${transport}`]);
  await two.openThread(`Over ${transport}`);
  const words = { websocket: 'WebSocket', http_stream: 'HTTP stream', sse: 'SSE' }[transport] ?? '';
  await two.status('transport').filter({ hasText: words }).waitFor();
  for (const text of numbered('Line', 5)) await one.say(text);
  await two.shows(numbered('Line', 5), /^Line/);
});

test.skipIf(!browserPath)('another browser is asked for the password, and both devices agree about what is read', async () => {
  const first = await person('Farida', 'desktop', 'light');
  const friend = await person('Goran', 'phone', 'light');
  await friend.createThread('Tea', ['Farida']);
  await friend.say('Is anybody there?');
  await first.row('Tea').getByLabel('1 unread').waitFor();
  await first.page.getByRole('button', { name: 'Signed in as Farida' }).click();
  await first.page.getByRole('button', { name: 'Show it' }).click();
  const password = (await first.page.locator('.secret code').textContent()) ?? '';
  await first.shot('8-account');
  await first.page.keyboard.press('Escape');

  const second = await ConsolePage.open(browser, server.origin, 'phone', 'dark');
  opened.push(second);
  await second.visit();
  await second.page.getByLabel('Your name').fill('Farida');
  await second.page.keyboard.press('Enter');
  await second.page.getByText('This name is taken').waitFor();
  await second.page.getByLabel('Password').fill('not the password');
  await second.page.keyboard.press('Enter');
  await second.page.getByText('This password does not open this name.').waitFor();
  await second.shot('9-password-needed');
  await second.page.getByLabel('Password').fill(password);
  await second.page.keyboard.press('Enter');
  await second.openThread('Tea');
  await second.message('Is anybody there?').waitFor();
  await expect.poll(() => first.row('Tea').locator('.badge').count(), SOON).toBe(0);

  await first.page.getByRole('button', { name: 'Signed in as Farida' }).click();
  await first.page.getByRole('button', { name: 'Sign out' }).click();
  await first.page.getByRole('button', { name: 'Farida' }).waitFor();
  await first.shot('10-signed-out');
});

test.skipIf(!browserPath)('whoever is mentioned sees it on the bell of every device, until one of them has read it', async () => {
  const writer = await person('Lena', 'desktop', 'light');
  const reader = await person('Mark', 'desktop', 'dark');
  const bell = (page: ConsolePage, name: string) => page.page.getByRole('button', { name, exact: true });
  const phone = await ConsolePage.open(browser, server.origin, 'phone', 'light');
  opened.push(phone);
  await phone.visit();
  await phone.signIn('Mark', await secretOf(reader));
  await writer.createThread('Bells', ['Mark']);
  await writer.say('@mark do you hear?');
  for (const page of [reader, phone]) await bell(page, 'Notices, 2 unread').waitFor();
  expect(await bell(writer, 'Notices').count()).toBe(1);
  await bell(reader, 'Notices, 2 unread').click();
  await reader.page.getByRole('link', { name: /Lena mentioned you in Bells/ }).waitFor();
  await reader.shot('11-notices');
  await reader.page.getByRole('button', { name: 'Mark all as read' }).click();
  for (const page of [reader, phone]) await bell(page, 'Notices').waitFor();
  await reader.page.keyboard.press('Escape');
  await writer.say('@mark once more');
  for (const page of [reader, phone]) await bell(page, 'Notices, 1 unread').waitFor();
  // Reading the thread is reading its notices.
  await bell(phone, 'Notices, 1 unread').click();
  await phone.page
    .getByRole('link', { name: /Lena mentioned you in Bells/ })
    .first()
    .click();
  await phone.message('once more').waitFor();
  await bell(reader, 'Notices').waitFor();
});

async function secretOf({ page }: ConsolePage): Promise<string> {
  await page.getByRole('button', { name: 'Signed in as Mark' }).click();
  await page.getByRole('button', { name: 'Show it' }).click();
  const secret = (await page.locator('.secret code').textContent()) ?? '';
  await page.keyboard.press('Escape');
  return secret;
}

test.skipIf(!browserPath)('a long thread is read page by page, and who is removed leaves it at once', async () => {
  const owner = await person('Hana', 'desktop', 'dark');
  const guest = await person('Ivo', 'desktop', 'light');
  await owner.createThread('Archive', ['Ivo']);
  const all = numbered('Entry', 70);
  for (const text of all) await owner.say(text);
  await owner.shows(all, /^Entry/);
  await guest.openThread('Archive');
  await expect
    .poll(async () => {
      await guest.page.locator('.log').hover();
      await guest.page.mouse.wheel(0, -4_000);
      return guest.texts();
    }, SOON)
    .toEqual(all);
  await owner.page.getByRole('button', { name: 'Members and title' }).click();
  await owner.page.locator('.members li', { hasText: 'Ivo' }).getByRole('button', { name: 'Remove' }).click();
  await guest.page.getByText('Welcome, Ivo').waitFor();
  expect(await guest.row('Archive').count()).toBe(0);
});

test.skipIf(!browserPath)('everything can be done with the keyboard, and a connection outlives its token', async () => {
  const jana = await person('Jana', 'desktop', 'light');
  const { keyboard } = jana.page;
  for (const title of ['First thread', 'Second thread']) {
    await jana.page.getByRole('button', { name: 'New thread' }).first().focus();
    await keyboard.press('Enter');
    await jana.page.getByLabel('What is it about?').waitFor();
    await keyboard.type(title);
    await keyboard.press('Enter');
    await jana.page.getByRole('heading', { name: title, level: 1 }).waitFor();
    await jana.page.getByLabel('Message', { exact: true }).focus();
    await keyboard.type(`in the ${title}`);
    await keyboard.press('Shift+Enter');
    await keyboard.type('on two lines');
    await keyboard.press('Enter');
    await jana.shows([`in the ${title}\non two lines`], /./);
  }
  // Out of the composer to the row, down to the other thread, in.
  await keyboard.press('Escape');
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await jana.page.getByRole('heading', { name: 'First thread', level: 1 }).waitFor();
  await jana.message('in the First thread').focus();
  await keyboard.press('+');
  await keyboard.press('Enter');
  await jana.message('in the First thread').getByRole('button', { name: '👍 1' }).waitFor();
  await jana.message('in the First thread').focus();
  await keyboard.press('e');
  await jana.page.getByRole('button', { name: 'Save' }).waitFor();
  await keyboard.press('Control+a');
  await keyboard.type('changed');
  await keyboard.press('Enter');
  await jana.shows(['changed'], /./);
  await jana.message('changed').focus();
  await keyboard.press('Delete');
  await keyboard.press('Enter');
  await jana.page.getByText('This message was deleted.').waitFor();
  const refreshed = jana.page.waitForResponse((response) => response.url().endsWith('/auth/refresh') && response.ok());
  await refreshed;
  await jana.say('still here');
  await jana.shows(['still here'], /^still/);
  await jana
    .status('reconnects')
    .filter({ hasText: /^0 reconnects$/ })
    .waitFor();
});
