/** The stand-in in electron's place, for a program that was built. */
import { standIn } from './stand-in.ts'

// Electron's own, of which plain Node knows nothing.
Object.assign(process, { resourcesPath: '' })
// oxlint-disable-next-line import/no-default-export -- electron has one
export default standIn().shell
