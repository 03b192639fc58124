/** Presets to and from a file, so that they can be kept with a project or given to somebody. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { JobError } from '../../../shared/failure.ts'
import { presetSchema, type Preset } from '../../../shared/model.ts'
import type { Around } from '../around.ts'
import { exit, type ExitStatus } from '../exit.ts'
import { withSession } from '../open.ts'
import { counted, shown } from '../text.ts'
import { all, found } from './presets.ts'

/** What the file says it is, and in which form. */
const mark = { besidePresets: 1 }

export async function exportPresets(names: readonly string[], around: Around): Promise<ExitStatus> {
  const presets = await all(around)
  const chosen = names.length === 0 ? presets : names.map((name) => found(name, presets))
  await around.screen.write(`${JSON.stringify({ ...mark, presets: chosen }, null, 2)}\n`)
  return exit.done
}

/** All or none: a file with one wrong preset stores nothing. */
export async function importPresets(file: string, around: Around): Promise<ExitStatus> {
  const presets = presetsIn(file === '-' ? await text(around.input) : await contentOf(resolve(around.cwd, file)), file)
  await withSession(around, 'look', async ({ client, ask }) => {
    for (const preset of presets) await ask(() => client.presets.save(preset))
  })
  around.screen.print(`${counted(presets.length, 'preset')} stored.`)
  return exit.done
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new JobError(code === 'ENOENT' ? 'source-missing' : 'source-unreadable', { path, reason: code }, { cause: error })
  }
}

function presetsIn(content: string, file: string): readonly Preset[] {
  const wrong = (why: string) =>
    new JobError('usage', {
      reason: `${file === '-' ? 'Standard input' : shown(file)} holds no presets: ${shown(why)}.`,
      hint: '`beside presets export` writes such a file.',
    })
  let data: Partial<typeof mark & { presets: unknown }> | null
  try {
    data = JSON.parse(content)
  } catch {
    throw wrong('it is not JSON')
  }
  if (data?.besidePresets !== mark.besidePresets) throw wrong('it has another form')
  const parsed = presetSchema.array().safeParse(data.presets)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw wrong(issue === undefined ? 'it has another form' : `presets.${issue.path.join('.')}: ${issue.message}`)
}
