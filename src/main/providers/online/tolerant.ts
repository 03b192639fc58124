/** Values in answers, read tolerantly: what is missing or of another kind is null instead of an answer that cannot be read. */
import * as z from 'zod'

/** Ids are opaque, and some services number theirs. */
export const opaqueId = z.union([z.string().min(1), z.number().transform(String)])
export const optionalText = z.string().nullish().catch(null)
export const optionalNumber = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .nullish()
  .catch(null)
