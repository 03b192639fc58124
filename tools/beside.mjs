/** `npm run --silent beside -- …`: sets up what is missing, then runs Beside where the user stands (npm moves to the checkout). */
import { isSetUp, setup } from './checkout.mjs'
import { ensure, known } from './programs.mjs'

if (!isSetUp()) {
  setup()
  // Only this first time: from here on `beside doctor` is there to say what is missing.
  ensure(known.ffmpeg)
}
process.chdir(process.env.INIT_CWD ?? process.cwd())
await import('../bin/beside.mjs')
