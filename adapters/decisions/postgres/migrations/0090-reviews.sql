-- Reviews that leaders froze. Each holds its whole file, and names the one before it: a chain without a fork that nobody changes.

create table macadam.review (
  number bigint primary key constraint review_number check (number > 0),
  title text not null constraint review_title check (length(title) between 3 and 200),
  frozen_at timestamptz not null default macadam.clock(),
  frozen_by text not null default macadam.principal(),
  -- The moment that its figures are of, and the sealed batch of facts that was known then.
  at timestamptz not null,
  known bigint not null,
  previous bigint constraint review_previous unique references macadam.review (number),
  -- Of its seal: SHA-256 over the file.
  digest text not null constraint review_digest check (digest ~ '^[0-9a-f]{64}$'),
  -- SHA-256 of the public key that signed it.
  key text,
  -- The file, compressed (gzip) and as base64.
  content text not null,
  constraint review_follows check (previous is not distinct from nullif(number - 1, 0))
);
call macadam.append_only('macadam.review');
call macadam.never_backdated('macadam.review', 'frozen_at', 'frozen_by');
call macadam.audited('macadam.review');
call macadam.for_everybody('macadam.review');
grant select, insert on macadam.review to macadam_application;
