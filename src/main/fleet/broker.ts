/**
 * The shared queue: orders in PostgreSQL under leases that pg-boss keeps, and beside them two small tables of heads and machines. The one
 * place that knows pg-boss and SQL of PostgreSQL.
 *
 *   order       state           moves
 *   waiting     created, retry  fetched by a machine, or withdrawn
 *   leased      active          renewed every few seconds; lost after `leaseSeconds` without, and then waiting again, one attempt more
 *   answered    completed       by the attempt that holds the lease, and no other; deleted by its head
 *   given up    failed          after `maxAttempts` lost leases: it takes machines down
 *   withdrawn   cancelled       its lease is lost at the next renewal
 */
import { failure, JobError } from '../../shared/failure.ts'
import type { Log } from '../engine/ports.ts'
import { connectionTo, messageOf, queueFailure } from './connection.ts'
import {
  answerSchema,
  machineSchema,
  noticeSchema,
  orderSchema,
  protocol,
  machineModes,
  type FleetAnswer,
  type FleetOrder,
  type MachineReport,
  type Notice,
  type MachineMode,
  type SharedPath,
} from './wire.ts'

export interface BrokerOptions {
  /** `postgres://user@host:port/database`, with `?sslmode=` where it is to be so. */
  readonly address: string
  readonly password: string
  /** Of this head or machine, for whoever looks at the database. */
  readonly name: string
  /** A head makes and updates the tables, and finds lost leases; a machine does neither. */
  readonly as: 'head' | 'machine'
  readonly log: Log
}

export interface SentOrder {
  readonly queue: string
  readonly id: string
  readonly order: FleetOrder
  readonly priority: number
}

/** An order under a lease of this process. */
export interface Leased {
  readonly queue: string
  readonly id: string
  /** How often the lease was lost before. */
  readonly attempt: number
  readonly order: FleetOrder
}

export type OrderState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'leased'; readonly attempt: number }
  | { readonly kind: 'answered'; readonly answer: FleetAnswer }
  /** `machines`: which had it, one after the other. */
  | { readonly kind: 'given-up'; readonly machines: readonly string[] }
  /** Withdrawn, or deleted. */
  | { readonly kind: 'unknown' }

export interface KnownMachine {
  readonly report: MachineReport
  readonly mode: MachineMode
  /** Since it was last heard of, by the clock of the database. */
  readonly silentMs: number
}

export interface KnownHead {
  readonly tag: string
  readonly name: string
  readonly version: string
  readonly silentMs: number
  /** By the id of each storage, what its canary says. */
  readonly canaries: Readonly<Record<string, string>>
}

export interface KnownOrder {
  readonly queue: string
  readonly id: string
  readonly job: number
  readonly parts: SharedPath
}

export interface Broker {
  /** Of an order whose id is known already, nothing. */
  send(orders: readonly SentOrder[]): Promise<void>
  /** Of each, in order. */
  statesOf(orders: readonly Pick<SentOrder, 'queue' | 'id'>[]): Promise<readonly OrderState[]>
  /** Nobody waits for it any more. What is over already is forgotten. */
  withdraw(queue: string, id: string): Promise<void>
  forget(queue: string, ids: readonly string[]): Promise<void>
  /** Orders of a head that were neither withdrawn nor forgotten. */
  ordersOf(tag: string): Promise<readonly KnownOrder[]>

  /** Queues in which an order waits. */
  waiting(): Promise<readonly string[]>
  /** None where nobody has sent anything of the kind so far. */
  lease(queue: string, count: number): Promise<readonly Leased[]>
  /** Answers which of them this process has no more. */
  renew(queue: string, leased: readonly Leased[]): Promise<readonly Leased[]>
  /** False where the lease was lost. */
  answer(leased: Leased, answer: FleetAnswer): Promise<boolean>

  /** @throws JobError `not-possible` where another machine that is alive has the name. */
  report(report: MachineReport, instance: string): Promise<MachineMode>
  machines(): Promise<readonly KnownMachine[]>
  mode(machine: string, mode: MachineMode): Promise<boolean>
  forgetMachine(machine: string): Promise<boolean>
  announce(head: Omit<KnownHead, 'silentMs'>): Promise<void>
  heads(): Promise<readonly KnownHead[]>
  /** By the clock of the database, in milliseconds since 1970. */
  nowMs(): Promise<number>
  version(): Promise<string>
  /** Makes the role that machines log in as, or gives it another password. Heads alone. */
  admit(role: string, password: string): Promise<void>

  notify(channel: string, notice: Notice): Promise<void>
  /** `lost`: notices may have been missed. */
  listen(channel: string, heard: (notice: Notice) => void, lost: () => void): Promise<() => Promise<void>>
  stop(): Promise<void>
}

/** Renewed this often, in milliseconds; so long it takes at most until a machine hears that its lease is lost. */
export const renewMs = 2_500
/** pg-boss allows no less. */
const leaseSeconds = 10
/** Lost leases after which an order is given up: machines that die for reasons of their own seldom die five times over the same one. */
const maxAttempts = 5
/** pg-boss ends an attempt after a day. */
export const maxAttemptMs = 86_400_000
/** So long a machine is believed to be alive without a word. */
export const silentMs = 15_000

const tables = `
CREATE SCHEMA IF NOT EXISTS beside;
CREATE TABLE IF NOT EXISTS beside.machines (
  name text PRIMARY KEY,
  instance text NOT NULL,
  report jsonb NOT NULL,
  mode text NOT NULL DEFAULT 'work',
  seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS beside.heads (
  tag text PRIMARY KEY,
  about jsonb NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now()
);`

const silence = 'extract(epoch FROM now() - seen_at)::float8 * 1000 AS silent'

/** @throws JobError `queue-away` where the database cannot be reached, `queue-refused` where it does not let us in, or it is not the right one. */
export async function openBroker({ address, password, name, as, log }: BrokerOptions): Promise<Broker> {
  const isHead = as === 'head'
  // With what it stands on, it takes longer to load than most commands run.
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({
    ...(await connectionTo(address, password)),
    application_name: `beside ${name}`,
    instanceName: name,
    schedule: false,
    migrate: isHead,
    createSchema: isHead,
    supervise: isHead,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    reindex: false,
    openTelemetry: { enabled: false },
    connectionTimeoutMillis: 5_000,
    max: isHead ? 6 : 4,
  })
  boss.on('error', (error: unknown) => log.info('the shared queue has trouble', { error: messageOf(error) }))
  boss.on('warning', (warning: unknown) => log.debug('the shared queue warns', { warning: messageOf(warning) }))
  const asked = async <T>(question: () => Promise<T>): Promise<T> =>
    await question().catch((error: unknown) => {
      throw JobError.from(queueFailure(error), error)
    })
  await asked(async () => {
    await boss.start()
    if (isHead) await boss.getDb().executeSql(tables)
  }).catch(async (error: unknown) => {
    await boss.stop({ graceful: false }).catch(() => undefined)
    throw error
  })
  const sql = async (text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    (await asked(async () => await boss.getDb().executeSql(text, [...values]))).rows as readonly Row[]
  const made = new Set<string>()
  const makeQueue = async (queue: string) => {
    if (made.has(queue)) return
    await boss.createQueue(queue, {
      heartbeatSeconds: leaseSeconds,
      retryLimit: maxAttempts - 1,
      expireInSeconds: maxAttemptMs / 1000,
      deleteAfterSeconds: 14 * 86_400,
    })
    made.add(queue)
  }
  const isMade = async (queue: string): Promise<boolean> => {
    if (!made.has(queue) && (await boss.getQueue(queue)) !== null) made.add(queue)
    return made.has(queue)
  }

  return {
    send: async (orders) =>
      await asked(async () => {
        for (const [queue, some] of Map.groupBy(orders, (each) => each.queue)) {
          await makeQueue(queue)
          await boss.insert(
            queue,
            some.map(({ id, order, priority }) => ({ id, data: order, priority })),
          )
        }
      }),
    statesOf: async (orders) => {
      const rows = await sql(
        `SELECT name, id, state, retry_count, output, data -> 'machines' AS machines FROM pgboss.job
         WHERE name = ANY($1::text[]) AND id = ANY($2::uuid[])`,
        [[...new Set(orders.map(({ queue }) => queue))], orders.map(({ id }) => id)],
      )
      const known = new Map(rows.map((row) => [`${String(row['name'])} ${String(row['id'])}`, stateOf(row)]))
      return orders.map(({ queue, id }) => known.get(`${queue} ${id}`) ?? { kind: 'unknown' })
    },
    withdraw: async (queue, id) =>
      await asked(async () => {
        if ((await isMade(queue)) && affectedBy(await boss.cancel(queue, id)) === 0) await boss.deleteJob(queue, id)
      }),
    forget: async (queue, ids) => await asked(async () => void (await boss.deleteJob(queue, [...ids]))),
    ordersOf: async (tag) =>
      (
        await sql(`SELECT name, id, data FROM pgboss.job WHERE name LIKE $1 AND data ->> 'tag' = $2 AND state <> 'cancelled'`, [
          `beside.v${protocol}.%`,
          tag,
        ])
      ).flatMap(({ name: queue, id, data }) => {
        const { data: order } = orderSchema.safeParse(data)
        return order === undefined ? [] : [{ queue: String(queue), id: String(id), job: order.job, parts: order.parts }]
      }),

    waiting: async () =>
      (
        await sql(`SELECT DISTINCT name FROM pgboss.job WHERE state < 'active' AND start_after <= now() AND name LIKE $1`, [
          `beside.v${protocol}.%`,
        ])
      ).map(({ name: queue }) => String(queue)),
    lease: async (queue, count) =>
      await asked(async () => {
        if (!(await isMade(queue))) return []
        const jobs = await boss.fetch<unknown>(queue, { batchSize: count, includeMetadata: true })
        if (jobs.length > 0) await sign(queue, jobs)
        const leased: Leased[] = []
        for (const { id, retryCount, data } of jobs) {
          const order = orderSchema.safeParse(data)
          if (order.success) leased.push({ queue, id, attempt: retryCount, order: order.data })
          // Of the right protocol, and no order all the same: nobody here can do it.
          else {
            log.warn('an order on the shared queue makes no sense', { id })
            await boss.complete(queue, { id, retryCount }, unanswerable)
          }
        }
        return leased
      }),
    renew: async (queue, leased) =>
      await asked(async () => {
        if (affectedBy(await boss.touch(queue, leased.map(attemptOf))) === leased.length) return []
        const held = new Set(await heldOf(queue, leased))
        return leased.filter(({ id }) => !held.has(id))
      }),
    answer: async (leased, answer) =>
      await asked(async () => affectedBy(await boss.complete(leased.queue, attemptOf(leased), answer)) > 0),

    report: async (report, instance) => {
      const [row] = await sql(
        `INSERT INTO beside.machines AS known (name, instance, report) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET instance = $2, report = $3, seen_at = now()
           WHERE known.instance = $2 OR known.seen_at < now() - make_interval(secs => ${silentMs / 1000})
         RETURNING mode`,
        [report.name, instance, JSON.stringify(report)],
      )
      if (row === undefined) throw new JobError('not-possible', { because: 'machine-name-taken', id: report.name })
      return modeFrom(row['mode'])
    },
    machines: async () =>
      (await sql(`SELECT report, mode, ${silence} FROM beside.machines ORDER BY name`)).flatMap((row) => {
        const report = machineSchema.safeParse(row['report'])
        if (!report.success) return []
        return [{ report: report.data, mode: modeFrom(row['mode']), silentMs: Number(row['silent']) }]
      }),
    mode: async (machine, mode) =>
      (await sql('UPDATE beside.machines SET mode = $2 WHERE name = $1 RETURNING name', [machine, mode])).length > 0,
    forgetMachine: async (machine) =>
      (await sql('DELETE FROM beside.machines WHERE name = $1 RETURNING name', [machine])).length > 0,
    announce: async ({ tag, ...about }) =>
      void (await sql(
        `INSERT INTO beside.heads (tag, about) VALUES ($1, $2) ON CONFLICT (tag) DO UPDATE SET about = $2, seen_at = now()`,
        [tag, JSON.stringify(about)],
      )),
    heads: async () =>
      (await sql(`SELECT tag, about, ${silence} FROM beside.heads ORDER BY tag`)).map((row) => ({
        ...(row['about'] as Omit<KnownHead, 'tag' | 'silentMs'>),
        tag: String(row['tag']),
        silentMs: Number(row['silent']),
      })),
    nowMs: async () => Number((await sql('SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now'))[0]?.['now']),
    version: async () => String((await sql('SHOW server_version'))[0]?.['server_version']),
    admit: async (role, secret) => {
      // Neither takes parameters.
      const [quoted] = await sql('SELECT quote_ident($1) AS role, quote_literal($2) AS secret', [role, secret])
      const [known] = await sql('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
      const verb = known === undefined ? 'CREATE' : 'ALTER'
      await sql(
        `${verb} ROLE ${String(quoted?.['role'])} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${String(quoted?.['secret'])}`,
      )
      for (const schema of ['pgboss', 'beside']) {
        await sql(`GRANT USAGE ON SCHEMA ${schema} TO ${String(quoted?.['role'])}`)
        await sql(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${String(quoted?.['role'])}`)
        await sql(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${String(quoted?.['role'])}`)
      }
    },

    notify: async (channel, notice) => void (await sql('SELECT pg_notify($1, $2)', [channel, JSON.stringify(notice)])),
    listen: async (channel, heard, lost) => {
      const hear = (payload: string) => {
        const notice = noticeSchema.safeParse(parsed(payload))
        if (notice.success) heard(notice.data)
      }
      const handle = await asked(async () => await boss.getDb().listen?.(channel, hear, lost))
      return async () => await handle?.close().catch(() => undefined)
    },
    stop: async () => await boss.stop({ graceful: false }).catch(() => undefined),
  }

  /** Before anything is done with it: a machine that it kills says nothing any more. */
  async function sign(queue: string, jobs: readonly { readonly id: string }[]): Promise<void> {
    await sql(
      `UPDATE pgboss.job SET data = jsonb_set(data, '{machines}', coalesce(data -> 'machines', '[]') || to_jsonb($3::text))
       WHERE name = $1 AND id = ANY($2::uuid[]) AND state = 'active' AND jsonb_typeof(data) = 'object'`,
      [queue, jobs.map(({ id }) => id), name],
    )
  }

  async function heldOf(queue: string, leased: readonly Leased[]): Promise<readonly string[]> {
    const held: string[] = []
    for (const { id, attempt } of leased) {
      const [job] = await boss.findJobs<unknown>(queue, { id })
      if (job?.state === 'active' && job.retryCount === attempt) held.push(id)
    }
    return held
  }
}

type Row = Readonly<Record<string, unknown>>

const unanswerable: FleetAnswer = {
  machine: '',
  attempt: 0,
  outcome: { kind: 'failed', why: failure('internal', { because: 'order-unreadable' }) },
}

/** Of a command: its type leaves out what its documentation states. */
function affectedBy(response: object): number {
  return 'affected' in response && typeof response.affected === 'number' ? response.affected : 0
}

function attemptOf({ id, attempt }: Leased) {
  return { id, retryCount: attempt }
}

function stateOf({ state, retry_count: lost, output, machines }: Row): OrderState {
  switch (state) {
    case 'created':
    case 'retry':
      return { kind: 'waiting' }
    case 'active':
      return { kind: 'leased', attempt: Number(lost) }
    case 'completed': {
      const answer = answerSchema.safeParse(output)
      return { kind: 'answered', answer: answer.success ? answer.data : unanswerable }
    }
    case 'failed':
      return { kind: 'given-up', machines: orderSchema.shape.machines.safeParse(machines).data ?? [] }
    default:
      return { kind: 'unknown' }
  }
}

function modeFrom(value: unknown): MachineMode {
  return machineModes.find((mode) => mode === value) ?? 'work'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
