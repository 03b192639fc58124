/**
 * The tables, as the list of changes that led to them. `user_version` says how many of them a file has seen. Append only: what has
 * been released is never edited.
 *
 * - `plans` holds what the jobs of one folder have in common, so that a row of `jobs` is small and a hundred thousand go in fast.
 * - `jobs.state` is the whole state as JSON; `phase` and `due_at` repeat of it what queries ask for. `due_at` is 0 for a job that
 *   may start now: those alone are in the index that claims read, whatever number waits for a later time.
 * - `precedence` is the priority with its sign turned, so that one ascending key (precedence, position, id) is the queue's order; every
 *   index ends in the id by itself.
 * - `folder_hash` and `name_hash` stand for the source. With `plan_id` they are what joining looks for; two hashes, so that the
 *   files of one folder lie side by side in the index.
 * - `history.key` grows in the order in which jobs finished (see history-rows.ts). It is also the row number of the search index,
 *   which therefore gives its matches newest first without sorting.
 * - `unindexed` holds the words of jobs that finished lately: the search index takes them in by the hundred.
 * - `history_slots` are sums a quarter of an hour, from which the days of every time zone can be put together.
 * - `further_sources` are the files behind the `source` of a job that makes one result of several: whoever asks who else needs a file
 *   asks them, too.
 */
const first = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('position', '0');

CREATE TABLE batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  undone_at INTEGER
) STRICT;

CREATE TABLE plans (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE CHECK (json_valid(json))) STRICT;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch_id INTEGER NOT NULL REFERENCES batches (id),
  plan_id INTEGER NOT NULL REFERENCES plans (id),
  source TEXT NOT NULL,
  folder_hash INTEGER NOT NULL,
  name_hash INTEGER,
  bytes INTEGER,
  mtime_ms REAL,
  from_format TEXT,
  preset TEXT,
  counter INTEGER NOT NULL,
  if_exists TEXT,
  phase TEXT NOT NULL CHECK (phase IN ('queued', 'running', 'paused', 'waiting', 'uncertain', 'done', 'skipped', 'failed', 'cancelled')),
  lane TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  precedence INTEGER NOT NULL,
  position REAL NOT NULL,
  provider TEXT NOT NULL,
  reason TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  history_key INTEGER,
  state TEXT NOT NULL CHECK (json_valid(state)),
  CHECK (due_at = 0 OR phase = 'queued'),
  CHECK ((bytes IS NULL) = (mtime_ms IS NULL)),
  CHECK ((history_key IS NOT NULL) = (phase IN ('done', 'skipped', 'failed', 'cancelled')))
) STRICT;
CREATE INDEX jobs_ready ON jobs (lane, precedence, position) WHERE phase = 'queued' AND due_at = 0;
CREATE INDEX jobs_later ON jobs (due_at) WHERE phase = 'queued' AND due_at > 0;
CREATE INDEX jobs_in_order ON jobs (phase, precedence, position);
CREATE INDEX jobs_of_batch ON jobs (batch_id, phase, precedence, position);
CREATE UNIQUE INDEX jobs_of_source ON jobs (folder_hash, name_hash, plan_id)
  WHERE phase IN ('queued', 'running', 'paused', 'waiting', 'uncertain');

CREATE TABLE totals (phase TEXT PRIMARY KEY, jobs INTEGER NOT NULL CHECK (jobs >= 0)) STRICT, WITHOUT ROWID;
CREATE TABLE batch_totals (
  batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
  phase TEXT NOT NULL,
  jobs INTEGER NOT NULL CHECK (jobs >= 0),
  PRIMARY KEY (batch_id, phase)
) STRICT, WITHOUT ROWID;

CREATE TABLE outputs (
  path TEXT PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX outputs_of_job ON outputs (job_id);

CREATE TABLE history (
  key INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL,
  phase TEXT NOT NULL,
  finished_at INTEGER NOT NULL,
  source_bytes INTEGER NOT NULL,
  output_bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE history_slots (
  slot INTEGER NOT NULL,
  provider TEXT NOT NULL,
  target TEXT NOT NULL,
  phase TEXT NOT NULL,
  jobs INTEGER NOT NULL,
  source_bytes INTEGER NOT NULL,
  output_bytes INTEGER NOT NULL,
  PRIMARY KEY (slot, provider, target, phase)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(
  words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3', tokenize = 'ascii'
);
INSERT INTO search (search, rank) VALUES ('deletemerge', 50);
CREATE TABLE unindexed (key INTEGER PRIMARY KEY, words TEXT NOT NULL) STRICT;
CREATE TABLE vocabulary (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE presets (name TEXT PRIMARY KEY, json TEXT NOT NULL CHECK (json_valid(json))) STRICT, WITHOUT ROWID;
CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL CHECK (json_valid(json))) STRICT;
`

/** What online providers were paid, or said that it would cost, in their own unit; one row a submit. */
const second = `
CREATE TABLE spend (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL,
  batch_id INTEGER NOT NULL,
  provider TEXT NOT NULL,
  amount REAL NOT NULL,
  unit TEXT NOT NULL,
  spent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX spend_by_time ON spend (provider, spent_at);
CREATE INDEX spend_of_batch ON spend (batch_id, provider);
CREATE INDEX spend_of_job ON spend (job_id);
`

/**
 * Watched folders and the ledger of the files seen in them. A line keeps its place in the tree as folder and name below the watched
 * one; of the lines of one place at most one is there, the others are gone and kept to be known again. `sighting_jobs` says before a
 * file is handed over which batch it goes into, so that a crash in between is made good and nothing is handed over twice.
 * `folder_batches` tells whose spending a batch is; it outlives the batch.
 */
const third = `
CREATE TABLE watched_folders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  version INTEGER NOT NULL,
  is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  existing TEXT CHECK (existing IN ('convert', 'ignore')),
  mark TEXT,
  begun_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sightings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  folder_id INTEGER NOT NULL REFERENCES watched_folders (id) ON DELETE CASCADE,
  dir TEXT NOT NULL,
  name TEXT NOT NULL,
  inode TEXT,
  bytes INTEGER NOT NULL,
  mtime_ms REAL NOT NULL,
  print TEXT,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'queued', 'done', 'left', 'failed', 'quarantined')),
  why TEXT NOT NULL,
  version INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER,
  gone_at INTEGER,
  seen_at INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sightings_there ON sightings (folder_id, dir, name) WHERE gone_at IS NULL;
CREATE INDEX sightings_by_inode ON sightings (folder_id, inode) WHERE inode IS NOT NULL;
CREATE INDEX sightings_by_age ON sightings (folder_id, mtime_ms, bytes);
CREATE INDEX sightings_gone ON sightings (folder_id, name, bytes) WHERE gone_at IS NOT NULL;
CREATE INDEX sightings_in_state ON sightings (folder_id, state) WHERE gone_at IS NULL;
CREATE INDEX sightings_lately ON sightings (folder_id, since, state);

CREATE TABLE sighting_jobs (
  sighting_id INTEGER NOT NULL REFERENCES sightings (id) ON DELETE CASCADE,
  output INTEGER NOT NULL,
  batch_id INTEGER NOT NULL,
  job_id INTEGER,
  PRIMARY KEY (sighting_id, output)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_jobs_of_job ON sighting_jobs (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX sighting_jobs_open ON sighting_jobs (batch_id) WHERE job_id IS NULL;

CREATE TABLE folder_batches (batch_id INTEGER PRIMARY KEY, folder_id INTEGER NOT NULL) STRICT;
CREATE INDEX folder_batches_of_folder ON folder_batches (folder_id);
`

/**
 * Orders of the history besides the one of finishing, each with an index of its own. `place` is the key once more: SQLite seeks to a
 * pair of columns in an index, but not where one of them is the row number. `repeats` is the first of the jobs that repeat each other,
 * so that all runs of a source are found at once.
 */
const fourth = `
ALTER TABLE jobs ADD COLUMN repeats INTEGER;
CREATE INDEX jobs_repeating ON jobs (repeats) WHERE repeats IS NOT NULL;

ALTER TABLE history ADD COLUMN sort_name TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE history ADD COLUMN took_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE history ADD COLUMN saved INTEGER AS (source_bytes - output_bytes) VIRTUAL;
ALTER TABLE history ADD COLUMN place INTEGER AS (key) VIRTUAL;
UPDATE history SET (sort_name, bytes) = (SELECT sort_name(source), coalesce(bytes, 0) FROM jobs WHERE jobs.id = job_id)
  WHERE EXISTS (SELECT 1 FROM jobs WHERE jobs.id = job_id);
CREATE INDEX history_by_name ON history (sort_name, place);
CREATE INDEX history_by_size ON history (bytes, place);
CREATE INDEX history_by_saved ON history (saved, place);
CREATE INDEX history_by_duration ON history (took_ms, place);
`

/** What a job makes one result of, behind its `source`. */
const fifth = `
CREATE TABLE further_sources (
  source TEXT NOT NULL,
  job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  PRIMARY KEY (source, job_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX further_sources_of_job ON further_sources (job_id);
`

/**
 * Several results of one source that were asked for together have the same number in `siblings`; `output` says which of them a job makes.
 */
const sixth = `
ALTER TABLE jobs ADD COLUMN siblings INTEGER;
ALTER TABLE jobs ADD COLUMN output INTEGER;
CREATE INDEX jobs_of_siblings ON jobs (siblings, output) WHERE siblings IS NOT NULL;
`

/** Folders in which each file was known and at rest when they were last listed, by what that came to: a scan that finds the same reads no line. */
const seventh = `
CREATE TABLE known_listings (
  folder_id INTEGER NOT NULL REFERENCES watched_folders (id) ON DELETE CASCADE,
  dir TEXT NOT NULL,
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (folder_id, dir)
) STRICT, WITHOUT ROWID;
`

/**
 * Keys for those whom Beside converts for over HTTP, each kept as its SHA-256, and their jobs. `quota_left` and `pairs` are null where nothing bounds
 * them. A job is a batch; `accepted` says that all of it is in the queue, so that what a crash left in between is known and paid back. `asked_by` is
 * the process whose client waits for it within one request: it is nobody's once that one has gone. `failures` is null where all went well.
 */
const eighth = `
CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  quota_left INTEGER CHECK (quota_left >= 0),
  pairs TEXT CHECK (json_valid(pairs)),
  choice TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE served_jobs (
  id TEXT PRIMARY KEY,
  key_id INTEGER NOT NULL REFERENCES api_keys (id),
  batch_id INTEGER NOT NULL,
  files INTEGER NOT NULL,
  pair TEXT NOT NULL,
  kept_ms INTEGER NOT NULL,
  asked_by TEXT,
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  ended_at INTEGER,
  failures TEXT CHECK (json_valid(failures)),
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX served_jobs_of_key ON served_jobs (key_id);
`

/**
 * Hooks, and a delivery for each of them and each event, written in the transaction of the event. `state` is the whole state as JSON;
 * `phase` and `due_at` repeat of it what queries ask for. A batch is being filled from its opening until its last source is in; where its
 * jobs have all ended before that, it has `rested`, and is over when the filling ends. A watched folder counts what became of the files that
 * it enqueued, until it is found at rest.
 */
const ninth = `
CREATE TABLE hooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  json TEXT NOT NULL CHECK (json_valid(json)),
  is_on INTEGER NOT NULL CHECK (is_on IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hook_id INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  event TEXT NOT NULL CHECK (json_valid(event)),
  phase TEXT NOT NULL CHECK (phase IN ('due', 'running', 'delivered', 'failed', 'given-up')),
  due_at INTEGER,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (json_valid(state)),
  created_at INTEGER NOT NULL,
  CHECK ((due_at IS NOT NULL) = (phase IN ('due', 'failed')))
) STRICT;
CREATE INDEX deliveries_due ON deliveries (hook_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_of_hook ON deliveries (hook_id);
CREATE INDEX deliveries_in_phase ON deliveries (hook_id, phase);
CREATE INDEX deliveries_running ON deliveries (id) WHERE phase = 'running';

ALTER TABLE batches ADD COLUMN filling INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN rested INTEGER NOT NULL DEFAULT 0;
CREATE INDEX batches_filling ON batches (id) WHERE filling = 1;
ALTER TABLE watched_folders ADD COLUMN lately_done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE watched_folders ADD COLUMN lately_left INTEGER NOT NULL DEFAULT 0;
ALTER TABLE watched_folders ADD COLUMN lately_failed INTEGER NOT NULL DEFAULT 0;
`

export const migrations: readonly string[] = [first, second, third, fourth, fifth, sixth, seventh, eighth, ninth]

/** Must stand in a query word for word as it stands in the index. */
export const isLive = `phase IN ('queued', 'running', 'paused', 'waiting', 'uncertain')`
