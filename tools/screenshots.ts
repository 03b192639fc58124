/**
 * `npm run screenshots`: the pictures of the README, taken from the real window while it converts copies of the samples. Light and dark, as
 * small as they stay sharp.
 */
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import sharp from 'sharp'
import { ensureWindow } from './window.mjs'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const size = { width: 1280, height: 800 }
const schemes = ['light', 'dark'] as const

/** Copies of the samples under the names that somebody would give them. */
const files = {
  'Evening song.flac': 'song.flac',
  'Rehearsal, take 2.flac': 'song.flac',
  'Interview in Lisbon.flac': 'song.flac',
  'Mountains at dawn.jpg': 'photo.jpg',
  'By the lake.jpg': 'photo.jpg',
  'Clouds.mkv': 'video.mkv',
} as const

ensureWindow(process.execPath)
const folder = await realpath(await mkdtemp(join(tmpdir(), 'beside-')))
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
try {
  for (const scheme of schemes) await takeAll(browser, scheme)
} finally {
  await browser.close()
  await rm(folder, { recursive: true, force: true })
}

async function takeAll(chrome: Browser, scheme: (typeof schemes)[number]): Promise<void> {
  const place = join(folder, scheme)
  const music = join(place, 'Recordings')
  const inbox = join(place, 'Podcasts')
  for (const made of [music, inbox]) await mkdir(made, { recursive: true })
  for (const [name, sample] of Object.entries(files)) await cp(join(checkout, 'samples', sample), join(music, name))
  for (const name of ['Episode 12.flac', 'Episode 13.flac', 'Interlude.flac'])
    await cp(join(checkout, 'samples/song.flac'), join(inbox, name))
  await writeFile(join(inbox, 'Notes.txt'), 'Ask Ana about the second microphone.\n')
  const { address, stop } = await served(join(place, 'home'))
  try {
    const page = await chrome.newPage({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce' })
    await page.goto(address)
    const path = (name: keyof typeof files) => join(music, name)
    await convert(page, 'WebP', [path('Mountains at dawn.jpg'), path('By the lake.jpg')])
    await settled(page, '2 of 2')
    await convert(page, 'MP3', [path('Evening song.flac'), path('Rehearsal, take 2.flac'), path('Interview in Lisbon.flac')])
    await settled(page, '3 of 3')
    await convert(page, 'MP4', [path('Clouds.mkv')])
    await settled(page, '1 of 1')
    await take(page, 'queue', scheme)

    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('button', { name: 'More actions for Evening song.flac' }).click()
    await page.getByRole('menuitem', { name: 'Run again with changes…' }).click()
    const again = page.getByRole('dialog', { name: 'Convert again with changes' })
    await again.getByRole('textbox', { name: 'Bitrate (kbit/s)' }).fill('320')
    await again.getByRole('button', { name: 'Convert', exact: true }).click()
    await page.getByText('smallest').waitFor()
    await take(page, 'history', scheme)
    await page.keyboard.press('Escape')

    await page.getByRole('link', { name: 'Folders' }).click()
    await page.getByRole('button', { name: 'Watch a folder' }).click()
    await page.getByRole('textbox', { name: 'Full path of the folder' }).fill(inbox)
    await page.getByText('Episode 12.mp3').waitFor()
    await take(page, 'folders', scheme)
    await page.close()
  } finally {
    await stop()
  }
}

async function served(home: string): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> {
  const server = spawn(process.execPath, [join(checkout, 'bin/beside.mjs'), 'serve', '--json'], {
    env: { ...process.env, BESIDE_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
  }
  for await (const line of createInterface({ input: server.stdout }))
    return { address: (JSON.parse(line) as { address: string }).address, stop }
  throw new Error('beside serve ended without an address')
}

/** As somebody does who chooses a format and names files. */
async function convert(page: Page, target: string, paths: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: /^Convert to: / }).click()
  await page.getByRole('combobox', { name: 'Name, ending or purpose' }).fill(target)
  await page
    .getByRole('option')
    .filter({ has: page.getByText(target, { exact: true }) })
    .click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Paths or web addresses…' }).click()
  await page.getByRole('textbox', { name: /One per line/ }).fill(paths.join('\n'))
  await page.getByRole('dialog').getByRole('button', { name: 'Convert' }).click()
}

async function settled(page: Page, progress: string): Promise<void> {
  await page.getByRole('treegrid').getByText(progress, { exact: true }).waitFor({ timeout: 120_000 })
}

async function take(page: Page, name: string, scheme: string): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  await page.mouse.move(0, 0)
  // Small pictures of files are fetched when their rows are shown.
  await page.waitForLoadState('networkidle')
  const file = join(checkout, 'docs', `${name}-${scheme}.png`)
  const { size: bytes } = await sharp(await page.screenshot())
    .png({ palette: true, colours: 128, effort: 10, compressionLevel: 9 })
    .toFile(file)
  console.log(`docs/${name}-${scheme}.png  ${Math.round(bytes / 1000)} kB`)
}
