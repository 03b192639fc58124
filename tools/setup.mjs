/** `npm run setup`: the checkout and FFmpeg; `npm run setup -- poppler exiftool chromium` also what some tests want. Fails where one is missing. */
import { setup } from './checkout.mjs'
import { ensure, known } from './programs.mjs'

setup()
const wanted = ['ffmpeg', ...process.argv.slice(2)].map((name) => known[name])
if (!wanted.every((program) => ensure(program))) process.exitCode = 1
