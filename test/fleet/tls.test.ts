/** What the address of the shared queue says of encryption, held against a PostgreSQL with a certificate of an authority of the test's own. */
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openBroker } from '../../src/main/fleet/broker.ts'
import { parseAddress } from '../../src/main/fleet/join-line.ts'
import { describe as inWords } from '../../src/shared/describe.ts'
import { factsOf, toFailure } from '../../src/shared/failure.ts'
import { testBeside } from '../support/beside.ts'
import { cliProcess } from '../support/cli.ts'
import { hasPostgres, postgresProgram, testQueue, type TestQueue } from '../support/fleet.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testLog } from '../support/log.ts'
import { leavesNothingOpen } from '../support/quiet.ts'

leavesNothingOpen()

const execute = promisify(execFile)
const here = { timeout: 120_000 }

/** An authority, and a certificate of it for `localhost` alone: the address 127.0.0.1 is that of another host. */
async function certificates(folder: string, days = 30) {
  const at = (name: string) => join(folder, name)
  const openssl = async (...words: readonly string[]) => await execute('openssl', words)
  const fresh = ['-newkey', 'rsa:2048', '-nodes']
  await openssl(
    'req',
    '-x509',
    ...fresh,
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
    '-subj',
    '/CN=test authority',
    '-days',
    '30',
  )
  await openssl('req', ...fresh, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=localhost')
  await writeFile(at('names'), 'subjectAltName=DNS:localhost')
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names')]
  await openssl('x509', '-req', '-in', at('server.csr'), ...signed, '-out', at('server.pem'), '-days', String(days))
  return { ca: at('ca.pem'), certificate: at('server.pem'), key: at('server.key') }
}

/** A PostgreSQL that offers encryption. */
async function encryptedQueue(days?: number): Promise<TestQueue & { readonly ca: string }> {
  const queue = await testQueue()
  const folder = join(queue.folder, 'certificates')
  await mkdir(folder, { mode: 0o755 })
  const { ca, certificate, key } = await certificates(folder, days)
  // Whoever the server runs as has to own its key.
  const { uid, gid } = await stat(join(queue.folder, 'server', 'data'))
  await chown(key, uid, gid)
  await chmod(key, 0o600)
  const settings = { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key }
  for (const [name, value] of Object.entries(settings)) await psql(queue, `ALTER SYSTEM SET ${name} = '${value}'`)
  await queue.stop()
  await queue.start()
  return { ...queue, ca }
}

async function psql({ address }: TestQueue, sql: string): Promise<string> {
  return (await execute(postgresProgram('psql'), ['-wXAt', '--dbname', address, '-c', sql])).stdout.trim()
}

const withHost = (address: string, host: string, search: string): string => address.replace('@127.0.0.1', `@${host}`) + search

/** Whether all of its connections are encrypted; why there is none. */
async function tried(queue: TestQueue, host: string, search: string): Promise<boolean | string> {
  const { address, password } = parseAddress(withHost(queue.address, host, search))
  try {
    const broker = await openBroker({ address, password, name: 'tried', as: 'head', log: testLog })
    const unlisten = await broker.listen(
      'a_channel',
      () => undefined,
      () => undefined,
    )
    const seen = `SELECT bool_and(ssl)::text || ' ' || (count(*) > 1)::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'beside tried'`
    const [isEncrypted, isMore] = (await psql(queue, seen)).split(' ')
    await unlisten()
    await broker.stop()
    return isMore === 'true' && isEncrypted === 'true'
  } catch (error) {
    const why = toFailure(error)
    return `${why.code}: ${String(factsOf(why)['because'] ?? factsOf(why)['reason'])}`
  }
}

describe.skipIf(!hasPostgres)('the connection to the shared queue', () => {
  it('is encrypted where the server can, or else as the address says, and with whom it says', here, async () => {
    const queue = await encryptedQueue()
    const other = (await certificates(await temporaryFolder())).ca
    const own = `&sslrootcert=${queue.ca}`
    const found: Record<string, boolean | string> = {}
    for (const [host, search] of [
      ['localhost', ''],
      ['localhost', '?sslmode=disable'],
      ['localhost', '?sslmode=require'],
      ['127.0.0.1', '?sslmode=require'],
      ['localhost', `?sslmode=require&sslrootcert=${other}`],
      ['127.0.0.1', `?sslmode=verify-ca${own}`],
      ['localhost', '?sslmode=verify-ca'],
      ['localhost', `?sslmode=verify-full${own}`],
      ['127.0.0.1', `?sslmode=verify-full${own}`],
      ['localhost', '?sslmode=verify-full'],
      ['localhost', `?sslmode=verify-full&sslrootcert=${other}`],
      ['localhost', '?sslmode=verify-full&sslrootcert=/none.pem'],
      ['localhost', '?sslmode=prefer'],
      ['localhost', '?sslmode=allow'],
    ] as const)
      found[`${host}${search.replace(queue.ca, 'own').replace(other, 'other')}`] = await tried(queue, host, search)
    expect(found).toEqual({
      localhost: true,
      'localhost?sslmode=disable': false,
      'localhost?sslmode=require': true,
      '127.0.0.1?sslmode=require': true,
      'localhost?sslmode=require&sslrootcert=other': 'queue-refused: certificate-untrusted',
      '127.0.0.1?sslmode=verify-ca&sslrootcert=own': true,
      'localhost?sslmode=verify-ca': 'queue-refused: certificate-untrusted',
      'localhost?sslmode=verify-full&sslrootcert=own': true,
      '127.0.0.1?sslmode=verify-full&sslrootcert=own': 'queue-refused: certificate-of-another',
      'localhost?sslmode=verify-full': 'queue-refused: certificate-untrusted',
      'localhost?sslmode=verify-full&sslrootcert=other': 'queue-refused: certificate-untrusted',
      'localhost?sslmode=verify-full&sslrootcert=/none.pem': 'queue-refused: certificate-unreadable',
      'localhost?sslmode=prefer': true,
      'localhost?sslmode=allow': 'usage: encryption-mode',
    })
  })

  it('is not made where the server offers no encryption, or with a certificate of yesterday', here, async () => {
    const plain = await testQueue()
    const late = await encryptedQueue(0)
    expect([
      await tried(plain, '127.0.0.1', ''),
      await tried(plain, '127.0.0.1', '?sslmode=require'),
      await tried(late, 'localhost', `?sslmode=verify-full&sslrootcert=${late.ca}`),
      await tried(late, 'localhost', '?sslmode=require'),
    ]).toEqual([false, 'queue-refused: not-encrypted', 'queue-refused: certificate-expired', true])
  })

  it(
    'says in words what is wrong with a certificate, here and on a machine, which names the authority by a path of its own',
    here,
    async () => {
      const queue = await encryptedQueue()
      const media = join(await temporaryFolder(), 'media')
      await mkdir(media)
      const { fleet } = await testBeside(await temporaryFolder())
      const setUp = async (search: string) =>
        await fleet.setUp({ storage: [media], queue: withHost(queue.address, 'localhost', search) })
      const refused = await setUp('?sslmode=verify-full').catch((error: unknown) => inWords(toFailure(error)))
      const { joinLine } = await setUp(`?sslmode=verify-full&sslrootcert=${queue.ca}`)
      const { run, start } = await cliProcess()
      const words = ['worker', '--storage', media, '--name', 'render-01', '--join'] as const
      const unsure = await run(...words, joinLine)
      const sure = start(...words, joinLine.replace('#', `&sslrootcert=${queue.ca}#`))
      await sure.says('Takes work.')
      sure.process.kill('SIGTERM')
      expect({ refused, line: new URL(joinLine).search, unsure, warned: (await sure.ended).err.includes('SECURITY') }).toEqual({
        refused: {
          message: 'The shared queue cannot be used: nobody that this machine trusts has signed its certificate.',
          action: 'If you signed it yourself, name your authority’s certificate in the address: sslrootcert=FILE.',
        },
        line: '?sslmode=verify-full',
        unsure: {
          status: 1,
          out: '',
          err: expect.stringContaining('nobody that this machine trusts has signed its certificate'),
        },
        warned: false,
      })
    },
  )
})
