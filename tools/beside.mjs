/** `npm run --silent beside -- …`: sets up what is missing, then runs Beside where the user stands (npm moves to the checkout). */
import { setup } from './checkout.mjs'

setup()
process.chdir(process.env.INIT_CWD ?? process.cwd())
await import('../bin/beside.mjs')
