-- Notices about incidents: drafted by one person, approved by another, sent to recipients by name, and what is known of their arrival.

create table macadam.notice (
  id text primary key constraint notice_id check (length(id) between 1 and 100),
  -- Id of the asset that is the incident.
  incident text not null constraint notice_incident check (length(incident) between 1 and 2000),
  audience text not null constraint notice_audience check (audience in ('customers', 'victims', 'authorities', 'public')),
  template text not null constraint notice_template check (template in ('first', 'update', 'correction', 'closing')),
  text text not null constraint notice_text check (length(text) between 1 and 20000),
  drafted_at timestamptz not null default macadam.clock(),
  drafted_by text not null default macadam.principal(),
  unique (id, drafted_by)
);
create index notice_of_incident on macadam.notice (incident, drafted_at);
call macadam.append_only('macadam.notice');
call macadam.never_backdated('macadam.notice', 'drafted_at', 'drafted_by');
call macadam.audited('macadam.notice');
call macadam.for_everybody('macadam.notice');
grant select, insert on macadam.notice to macadam_application;

create table macadam.notice_approval (
  notice text primary key,
  drafted_by text not null,
  approved_at timestamptz not null default macadam.clock(),
  approved_by text not null default macadam.principal(),
  foreign key (notice, drafted_by) references macadam.notice (id, drafted_by),
  constraint notice_two_people check (approved_by <> drafted_by)
);
call macadam.append_only('macadam.notice_approval');
call macadam.never_backdated('macadam.notice_approval', 'approved_at', 'approved_by');
call macadam.audited('macadam.notice_approval');
call macadam.for_everybody('macadam.notice_approval');
grant select, insert on macadam.notice_approval to macadam_application;

-- Only an approved notice has any.
create table macadam.notice_recipient (
  notice text not null constraint notice_is_approved references macadam.notice_approval (notice),
  recipient text not null constraint notice_recipient_length check (length(recipient) between 1 and 320),
  -- SHA-256 of the key of the recipient's own link.
  digest text not null constraint notice_link unique constraint notice_digest check (digest ~ '^[0-9a-f]{64}$'),
  sent_at timestamptz not null default macadam.clock(),
  sent_by text not null default macadam.principal(),
  constraint notice_recipient_once primary key (notice, recipient)
);
call macadam.append_only('macadam.notice_recipient');
call macadam.never_backdated('macadam.notice_recipient', 'sent_at', 'sent_by');
call macadam.audited('macadam.notice_recipient');
call macadam.for_everybody('macadam.notice_recipient');
grant select, insert on macadam.notice_recipient to macadam_application;

create table macadam.notice_receipt (
  notice text not null,
  recipient text not null,
  -- `opened`: by the recipient's own link. The others are the word of a mail server.
  how text not null constraint notice_receipt_how check (how in ('opened', 'delivered', 'failed')),
  received_at timestamptz not null default macadam.clock(),
  recorded_by text not null default macadam.principal(),
  primary key (notice, recipient, how, received_at),
  constraint notice_receipt_of foreign key (notice, recipient) references macadam.notice_recipient (notice, recipient)
);
call macadam.append_only('macadam.notice_receipt');
call macadam.never_backdated('macadam.notice_receipt', 'received_at', 'recorded_by');
call macadam.audited('macadam.notice_receipt');
call macadam.for_everybody('macadam.notice_receipt');
grant select, insert on macadam.notice_receipt to macadam_application;
