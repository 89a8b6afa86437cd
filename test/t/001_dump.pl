# A book survives pg_dump: every row, and what its users have added; no history is forged.
#
# The book is a demo book, so that every table holds something.  It is restored
# from a plain dump, from one with INSERTs, by a parallel pg_restore, alone, and, data
# only, into an empty book; logical replication keeps a copy, and a standby reads.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(allows_streaming => 'logical');
if (my $settings = $ENV{SALESMGMT_SERVER_SETTINGS})
{
	$node->append_conf('postgresql.conf', slurp_file($settings));
}
$node->append_conf('postgresql.conf', "fsync = off\n");
$node->start;

my $folder = PostgreSQL::Test::Utils::tempdir;

# Where the bookkeeping of a table differs by design, it is told apart here.
my $fingerprint = q{
CREATE FUNCTION public.fingerprint(without text[] DEFAULT '{}') RETURNS TABLE (tab text, row_count bigint, hash text)
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
BEGIN
  FOR tab IN
    SELECT relname FROM pg_class
    WHERE relnamespace = 'bank'::regnamespace AND relkind = 'r'
    ORDER BY relname COLLATE "C"
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::text, count(*), md5(coalesce(string_agg(line, chr(10) ORDER BY line COLLATE "C"), ''''))
       FROM (SELECT (to_jsonb(t) - $1)::text AS line FROM bank.%I AS t) AS lines', tab, tab) USING without;
  END LOOP;
END $$;
};

# All reports there are, on two mornings, as no single one has a deal for each to show.
my $report_fingerprint = q{
CREATE FUNCTION public.report_fingerprint() RETURNS TABLE (report text, row_count bigint, hash text)
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
BEGIN
  FOR report IN
    SELECT p.proname
    FROM pg_proc AS p
    JOIN pg_class AS v ON v.relname = p.proname AND v.relnamespace = p.pronamespace AND v.relkind = 'v'
    WHERE p.pronamespace = 'bank'::regnamespace
      AND p.proargnames[1:4] = '{as_of,person,during,options}'
    ORDER BY p.proname COLLATE "C"
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L::text, count(*), md5(coalesce(string_agg(r::text, chr(10) ORDER BY r::text COLLATE "C"), ''''))
       FROM unnest($1) AS morning
       CROSS JOIN LATERAL bank.%I(morning, options => $2) AS r', report, report)
    USING '{2025-12-16 07:00+00,2026-02-28 07:00+00}'::timestamptz[], '{"large_multiple": 1.3}'::jsonb;
  END LOOP;
END $$;
};

sub sql
{
	my ($db, $query) = @_;
	return $node->safe_psql($db, $query);
}

# What doc/dump.md says to do: the block of a page that begins with these words.
sub block
{
	my ($words) = @_;
	my ($found) = slurp_file('doc/dump.md') =~ /^    (\Q$words\E.*(?:\n    .*)*)/m;
	$found =~ s/\bsales\b/bank/g;
	return $found;
}

sub fingerprint
{
	my ($db, @without) = @_;
	my $columns = join ',', map { "'$_'" } @without;
	return sql($db, "SELECT * FROM public.fingerprint(ARRAY[$columns]::text[])");
}

# What every report says, whatever the time is.
sub reports
{
	my ($db) = @_;
	return sql($db, 'SELECT * FROM public.report_fingerprint()');
}

sub dump_book
{
	my ($name, @options) = @_;
	my $file = "$folder/$name";
	$node->command_ok([ 'pg_dump', '--no-sync', '--file', $file, @options, 'company' ], "pg_dump: $name");
	return $file;
}

sub restore_script
{
	my ($db, $file) = @_;
	$node->command_ok(
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-f', $file, $db ],
		"restored into $db without an error");
	return;
}

# ---- the book, before and after its users have made it theirs -----------------
sql('postgres', 'CREATE DATABASE company');
sql('company', $fingerprint . $report_fingerprint);
sql('company', q{
	SET client_min_messages = warning;
	CREATE EXTENSION salesmgmt CASCADE;
	SELECT salesmgmt.create_demo_book('bank', 10, 6, 3, '2026-02-28');
});

# somebody updates a deal in place, and the change is appended
sql('company', q{
	UPDATE bank.opportunity SET amount = amount + 1000
	WHERE code = (SELECT min(o.code) FROM bank.opportunity AS o JOIN bank.stage AS s USING (stage_id) WHERE s.outcome = 'open');
});
my %pristine = (
	all => fingerprint('company'),
	but_line_version => fingerprint('company', 'line_version'));
my %data_only = (
	copy => dump_book('data_only_copy', '--data-only', '--schema', 'bank'),
	inserts => dump_book('data_only_inserts', '--data-only', '--inserts', '--schema', 'bank'),
	disabled => dump_book('data_only_triggers_off', '--data-only', '--disable-triggers', '--schema', 'bank'));

sql('company', q{
	CREATE ROLE auditor;
	CREATE ROLE analyst;
	ALTER TABLE bank.account ADD COLUMN credit_score int;
	UPDATE bank.account SET credit_score = account_id % 1000;
	CREATE INDEX account_by_credit_score ON bank.account (credit_score);
	ALTER TABLE bank.activity ENABLE ROW LEVEL SECURITY;
	CREATE POLICY about_deals ON bank.activity FOR SELECT TO auditor USING (opportunity_id IS NOT NULL);
	GRANT USAGE ON SCHEMA bank TO auditor, analyst;
	GRANT SELECT ON bank.activity TO auditor, analyst;
	CREATE FUNCTION bank.refuse_zero() RETURNS trigger LANGUAGE plpgsql AS
	  $$ BEGIN RAISE EXCEPTION 'no bookings of zero'; END $$;
	CREATE TRIGGER refuse_zero BEFORE INSERT ON bank.booking FOR EACH ROW WHEN (NEW.amount = 0) EXECUTE FUNCTION bank.refuse_zero();
	CREATE MATERIALIZED VIEW bank.my_wins AS SELECT person, sum(won) AS won FROM bank.win_rate('2026-02-28 07:00+00') GROUP BY person;
	UPDATE bank.setting SET value = '0.9' WHERE name = 'confidence';
	CREATE PUBLICATION feed FOR TABLE bank.opportunity_change;
});
my $expected = fingerprint('company');
my $reports = reports('company');
my $newest = sql('company', 'SELECT max(seq) FROM bank.opportunity_change');
cmp_ok(scalar(split /\n/, $reports), '>=', 60, 'the reports of the book');
unlike($reports, qr/\|0\|/, 'every report says something');

# ---- the same in a fresh database -------------------------------------------------
my %restore = (
	plain => sub { restore_script($_[0], dump_book('plain')) },
	inserts => sub { restore_script($_[0], dump_book('inserts', '--inserts')) },
	alone => sub {
		sql($_[0], $fingerprint . $report_fingerprint . 'SET client_min_messages = warning; CREATE EXTENSION salesmgmt CASCADE');
		restore_script($_[0], dump_book('alone', '--schema', 'bank'));
		sql($_[0], 'CREATE PUBLICATION feed FOR TABLE bank.opportunity_change');
	},
	parallel => sub {
		my $file = dump_book('custom', '--format=custom');
		$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '2', '-d', $_[0], $file ], "restored into $_[0] in parallel");
	});
foreach my $way (sort keys %restore)
{
	my $copy = "copy_$way";
	sql('postgres', "CREATE DATABASE $copy");
	$restore{$way}->($copy);

	is(fingerprint($copy), $expected, "$way: every row of every table, no ledger row more or less");
	is(reports($copy), $reports, "$way: the reports say the same");
	is(sql($copy, 'SELECT count(*) FROM bank.account WHERE credit_score = account_id % 1000'),
		sql($copy, 'SELECT count(*) FROM bank.account'), "$way: the user's column has its values");
	is(sql($copy, "SELECT to_regclass('bank.account_by_credit_score') IS NOT NULL"), 't', "$way: the user's index");
	is(sql($copy, "SELECT relrowsecurity, (SELECT string_agg(polname::text, ',') FROM pg_policy WHERE polrelid = c.oid)
		FROM pg_class AS c WHERE oid = 'bank.activity'::regclass"), 't|about_deals', "$way: the user's policy, switched on");
	is(sql($copy, 'SET ROLE auditor; SELECT count(*) FROM bank.activity'),
		sql($copy, 'SELECT count(opportunity_id) FROM bank.activity'), "$way: the policy still shows its rows");
	is(sql($copy, 'SET ROLE analyst; SELECT count(*) FROM bank.activity'), '0', "$way: and hides all from others");
	is(sql($copy, 'SELECT count(*), sum(won) FROM bank.my_wins'),
		sql('company', 'SELECT count(*), sum(won) FROM bank.my_wins'), "$way: the user's materialized view is filled");
	is(sql($copy, "SELECT string_agg(tablename, ',') FROM pg_publication_tables WHERE pubname = 'feed'"),
		'opportunity_change', "$way: the publication keeps its table");
	my (undef, undef, $refused) = $node->psql($copy,
		"INSERT INTO bank.booking (code, booked_on, amount) VALUES ('zero', '2026-01-01', 0)");
	like($refused, qr/no bookings of zero/, "$way: the user's trigger fires");
	is(sql($copy, "SELECT count(*) FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_class'::regclass
		AND objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'bank'::regnamespace)"), '0',
		"$way: no table belongs to the extension");

	# life goes on: new keys follow the old, an update is a change, history stays closed
	sql($copy, q{
		UPDATE bank.opportunity SET amount = amount + 1
		WHERE code = (SELECT min(o.code) FROM bank.opportunity AS o JOIN bank.stage AS s USING (stage_id) WHERE s.outcome = 'open');
		INSERT INTO bank.person (code, name) VALUES ('new', 'New');
	});
	is(sql($copy, "SELECT count(*) FROM bank.opportunity_change WHERE seq > $newest"), '1',
		"$way: the next update appends the next change");
	my ($code, undef, $error) = $node->psql($copy, '\set VERBOSITY verbose' . "\nUPDATE bank.opportunity_change SET amount = 0");
	like($error, qr/55000/, "$way: the ledger is closed to rewriting");
}

# ---- every view of the restored book answers ------------------------------------------
my $views = sql('copy_plain', q{
	SELECT string_agg(format('SELECT count(*) FROM bank.%I;', relname), ' ' ORDER BY relname)
	FROM pg_class WHERE relnamespace = 'bank'::regnamespace AND relkind = 'v'});
my ($status) = $node->psql('copy_plain', $views);
is($status, 0, 'every view of the restored book can be read');

# ---- the extension cannot take the book along --------------------------------------------
my (undef, undef, $refusal) = $node->psql('copy_plain', '\set VERBOSITY verbose' . "\nDROP EXTENSION salesmgmt");
like($refusal, qr/2BP01/, 'DROP EXTENSION is refused while there is a book');
my $before = fingerprint('copy_plain');
sql('copy_plain', 'SET client_min_messages = warning; DROP EXTENSION salesmgmt CASCADE');
is(fingerprint('copy_plain'), $before, 'DROP EXTENSION ... CASCADE takes what computes, and leaves every row');

# ---- data only, into an empty book ---------------------------------------------------------
# create_book() enters the settings, metrics, currency and version; those of the dump take their
# place.  Reporting lines count themselves in person.line_version when their trigger is on.
foreach my $way (sort keys %data_only)
{
	my $copy = "data_$way";
	sql('postgres', "CREATE DATABASE $copy");
	sql($copy, $fingerprint);
	sql($copy, q{
		SET client_min_messages = warning;
		CREATE EXTENSION salesmgmt CASCADE;
		SELECT salesmgmt.create_book('bank');
		DELETE FROM bank.setting;
		DELETE FROM bank.metric;
		DELETE FROM bank.currency;
		DELETE FROM bank.book_version;
	});
	restore_script($copy, $data_only{$way});
	if ($way eq 'disabled')
	{
		is(fingerprint($copy), $pristine{all}, "data only, $way: every row of every table");
	}
	else
	{
		is(fingerprint($copy, 'line_version'), $pristine{but_line_version},
			"data only, $way: every row of every table, no ledger row more or less");
	}
	sql($copy, "INSERT INTO bank.person (code, name) VALUES ('new', 'New')");
}

# ---- a copy that follows: what happens to the book happens to it, and no trigger adds to it ----
my $follower = PostgreSQL::Test::Cluster->new('follower');
$follower->init;
if (my $settings = $ENV{SALESMGMT_SERVER_SETTINGS})
{
	$follower->append_conf('postgresql.conf', slurp_file($settings));
}
$follower->append_conf('postgresql.conf', "fsync = off\n");
$follower->start;
$follower->safe_psql('postgres', 'CREATE DATABASE copy');
$follower->safe_psql('postgres', 'CREATE ROLE auditor; CREATE ROLE analyst');
my $schema_alone = dump_book('schema_only', '--schema-only');
$follower->command_ok(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '--single-transaction', '-f', $schema_alone, '-d', $follower->connstr('copy') ],
	'the book without its rows');

sql('company', block('CREATE PUBLICATION'));
my $subscribe = block('CREATE SUBSCRIPTION');
my $from = $node->connstr('company');
$subscribe =~ s/CONNECTION '.*?'/CONNECTION \$\$$from\$\$/;
$follower->safe_psql('copy', $subscribe);
$follower->wait_for_subscription_sync($node, 'book', 'copy');
is($follower->safe_psql('copy', 'SELECT * FROM public.fingerprint()'), fingerprint('company'), 'every row of every table has come');

sql('company', q{
	UPDATE bank.opportunity SET amount = amount + 1000 WHERE opportunity_id % 5 = 0;
	INSERT INTO bank.opportunity (code, pipeline_id, created_at, stage_id, amount)
	SELECT 'opening', pipeline_id, '2026-02-01', stage_id, 10 FROM bank.stage WHERE code = 'lead';
	INSERT INTO bank.opportunity_change (opportunity_id, changed_at, stage_id, amount, corrects)
	SELECT opportunity_id, changed_at, stage_id, 77, seq FROM bank.opportunity_change WHERE corrects IS NULL AND opportunity_id % 7 = 0;
	INSERT INTO bank.booking_credit (booking_id, person_id, share)
	SELECT booking_id, person.person_id, 0.5 FROM bank.booking, bank.person
	WHERE NOT is_split AND booking_id % 5 = 0 AND person.code IN ('rep-01', 'rep-02');
	UPDATE bank.reporting_line SET manager_id = manager_id;
	TRUNCATE bank.absence;
});
$node->wait_for_catchup('book');
is($follower->safe_psql('copy', 'SELECT * FROM public.fingerprint()'), fingerprint('company'), 'and every change, none of them twice');
is($follower->safe_psql('copy', 'SELECT * FROM public.report_fingerprint()'), reports('company'), 'the reports say the same');

# it takes over
$follower->safe_psql('copy', 'DROP SUBSCRIPTION book');
$follower->safe_psql('copy', block('SELECT format('));
is($follower->safe_psql('copy', q{
	INSERT INTO bank.person (code, name) VALUES ('new', 'New');
	UPDATE bank.opportunity SET amount = 11 WHERE code = 'opening';
	SELECT count(*) FROM bank.opportunity_change AS c JOIN bank.opportunity AS o USING (opportunity_id) WHERE o.code = 'opening';
}), '2', 'with new keys past the old, it goes on by itself');

# ---- a standby, on which nothing can be written ----
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is($standby->safe_psql('company', 'SELECT * FROM public.report_fingerprint()'), reports('company'), 'a standby answers every report');

$_->stop('fast') foreach $standby, $follower, $node;
done_testing();
