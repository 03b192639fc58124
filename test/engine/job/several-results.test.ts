import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { endedInWords, outputsOf, testBeside } from '../../support/beside.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { xlsxOf } from '../../support/office-files.ts'
import { pdfOf } from '../../providers/local/images/studio.ts'

const page = '0 g 0 0 20 20 re f'

async function scene() {
  const folder = await temporaryFolder()
  const source = join(folder, 'scan.pdf')
  await writeFile(source, pdfOf(Array.from({ length: 10 }, () => page)))
  return { folder, source, beside: await testBeside(folder) }
}

it('several results of one source sort as they follow, replace nothing, and all go by undo', async () => {
  const { folder, source, beside } = await scene()
  await writeFile(join(folder, 'scan.03.png'), 'of somebody else')
  const { batchId, jobs } = await beside.convert([source], 'png', { options: { dpi: 36 } })
  const paths = jobs.flatMap(outputsOf)
  const numbers = ['01', '02', '03 (2)', '04', '05', '06', '07', '08', '09', '10']
  expect([jobs.map(endedInWords), paths.map((path) => basename(path))]).toEqual([
    ['done'],
    numbers.map((number) => `scan.${number}.png`),
  ])
  const { removed, kept } = await beside.engine.undo(batchId)
  const left = (await readdir(folder)).filter((name) => name.startsWith('scan'))
  expect([removed.length, kept, left.toSorted()]).toEqual([10, [], ['scan.03.png', 'scan.pdf']])
  expect(readFileSync(join(folder, 'scan.03.png'), 'utf8')).toBe('of somebody else')
})

it('parts of a document, of so many pages each, are numbered by the same rule', async () => {
  const { source, beside } = await scene()
  const { jobs } = await beside.convert([source], 'pdf', { options: { pages: '1-5', pagesPerFile: 2 } })
  expect(jobs.flatMap(outputsOf).map((path) => basename(path))).toEqual(['scan.1.pdf', 'scan.2.pdf', 'scan.3.pdf'])
})

it('results with names of their own lie in a folder of their own, which undo takes with them unless something else is in it', async () => {
  const folder = await temporaryFolder()
  const beside = await testBeside(folder)
  const sources = ['one', 'two'].map((name) => join(folder, `${name}.xlsx`))
  for (const path of sources) await writeFile(path, xlsxOf({ Sales: [['a']], Costs: [['b']] }))
  await mkdir(join(folder, 'two'))
  await writeFile(join(folder, 'two', 'Sales.csv'), 'mine')
  const { batchId, jobs } = await beside.convert(sources, 'csv')
  expect(jobs.flatMap(outputsOf)).toEqual([
    join(folder, 'one', 'Sales.csv'),
    join(folder, 'one', 'Costs.csv'),
    join(folder, 'two', 'Sales (2).csv'),
    join(folder, 'two', 'Costs.csv'),
  ])
  await beside.engine.undo(batchId)
  expect([existsSync(join(folder, 'one')), await readdir(join(folder, 'two'))]).toEqual([false, ['Sales.csv']])
  expect(readFileSync(join(folder, 'two', 'Sales.csv'), 'utf8')).toBe('mine')
})
