/** Who may call: tokens, of whose secrets only the SHA-256 is kept, and the names of those who created jobs. */
import { statements } from "./statements.ts"

export const tokens = statements([
  `create table token (
    name text primary key,
    role text not null check (role in ('client', 'worker', 'supervisor')),
    hash bytea not null,
    created_at timestamptz not null
  )`,
  `alter table job add column created_by text`
])
