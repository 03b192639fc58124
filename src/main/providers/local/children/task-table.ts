/**
 * What is done in processes of their own, by family: whatever parses a stranger's bytes in WebAssembly or in a library's code. Each module
 * is loaded by the process that does its work, the first time that it is asked for. Apart, so that both sides read one table.
 */
export interface TaskContext {
  /** How far the task has come, 0 to 1. */
  progress(done: number): void
  /** What comes next may take so many ms, or the process is ended; null: as long as is left of the whole. */
  within(ms: number | null): void
  /** Threads that it may use. */
  readonly threads: number
}

/** Takes and answers what can be cloned. Throws a JobError; whatever else it throws is the fault of what does the work. */
// oxlint-disable-next-line typescript/no-explicit-any -- each task says what it takes
export type Task = (input: any, context: TaskContext) => Promise<unknown>

export const taskTable = {
  pdf: async () => await import('../pdf/tasks.ts'),
  books: async () => await import('../books/tasks.ts'),
  markup: async () => await import('../markup/tasks.ts'),
  data: async () => await import('../data/tasks.ts'),
  subtitles: async () => await import('../subtitles/tasks.ts'),
  archives: async () => await import('../archives/tasks.ts'),
  office: async () => await import('../office/tasks.ts'),
  'office-files': async () => await import('../office/look-tasks.ts'),
  fonts: async () => await import('../fonts/tasks.ts'),
  ocr: async () => await import('../ocr/tasks.ts'),
  magick: async () => await import('../magick/tasks.ts'),
} satisfies Readonly<Record<string, () => Promise<{ readonly tasks: Readonly<Record<string, Task>> }>>>

export type TaskFamily = keyof typeof taskTable
export type TasksOf<F extends TaskFamily> = Awaited<ReturnType<(typeof taskTable)[F]>>['tasks']
export type TaskName<F extends TaskFamily> = keyof TasksOf<F> & string
export type TaskInput<F extends TaskFamily, T extends TaskName<F>> = TasksOf<F>[T] extends (
  input: infer I,
  context: TaskContext,
) => unknown
  ? I
  : never
export type TaskResult<F extends TaskFamily, T extends TaskName<F>> = TasksOf<F>[T] extends (...args: never[]) => Promise<infer R>
  ? R
  : never

export interface TaskCall {
  readonly family: TaskFamily
  /** What a person calls what does it. */
  readonly tool: string
  readonly task: string
  readonly input: unknown
  readonly limitMs: number
}
