# test/load.sh: a folder of CSV files goes into a book, or says what is wrong where.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Run qw(run);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $script = dirname(abs_path(__FILE__)) . '/../load.sh';

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
if (my $settings = $ENV{SALESMGMT_SERVER_SETTINGS})
{
	$node->append_conf('postgresql.conf', slurp_file($settings));
}
$node->append_conf('postgresql.conf', "fsync = off\n");
$node->start;
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'postgres';
$node->safe_psql('postgres',
	q{SET client_min_messages = warning; CREATE EXTENSION salesmgmt CASCADE; SELECT salesmgmt.create_book('sales', time_zone => 'Europe/Berlin')});

# A folder with these files; a value is the bytes of one.
sub folder
{
	my %files = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir;
	while (my ($name, $bytes) = each %files)
	{
		open(my $file, '>:raw', "$folder/$name") or die $!;
		print $file $bytes;
		close $file;
	}
	return $folder;
}

sub load
{
	my ($folder) = @_;
	my ($out, $err) = ('', '');
	my $ok = run [ 'bash', $script, $folder, 'sales' ], '<', \'', '>', \$out, '2>', \$err;
	return ($ok, $out, $err);
}

sub loads
{
	my ($expected, $name, $folder) = @_;
	my ($ok, $out, $err) = load($folder);
	ok($ok, $name) or diag $err;
	is($out, $expected, "$name: what it says");
	return;
}

# A refused folder: its last word, and that the book is as before.
sub refuses
{
	my ($expected, $name, %files) = @_;
	my $before = state();
	my ($ok, $out, $err) = load(folder(%files));
	ok(!$ok, $name);
	like($err, $expected, "$name: what it says");
	is(state(), $before, "$name: nothing is loaded");
	return;
}

sub state
{
	return $node->safe_psql('postgres',
		q{SELECT md5(string_agg(query_to_xml(format('SELECT t::text FROM sales.%I AS t ORDER BY 1', table_name), true, true, '')::text, '' ORDER BY place))
		  FROM salesmgmt.load_order('sales')});
}

my %good = (
	# a byte order mark, CRLF, and a line break inside quotes
	'person.csv' => "\xef\xbb\xbfcode,name\r\nann,\"Ann\r\nB.\"\r\nbob,J\xc3\xb6rg\r\n",
	'pipeline.csv' => "\"code\",\"name\"\n\"p\",\"Selling\"\n",
	'stage.csv' => "code,pipeline,name,position,outcome\ncontact,p,Contact,1,open\nwon,p,Won,2,won\nlost,p,Lost,3,lost\n",
	'employment.csv' => "person,during,role\nann,\"[2024-01-01,)\",rep\n",
	'opportunity.csv' => "code,pipeline,created_at,stage,amount,owner\nd1,p,2024-01-02,contact,100,ann\nd2,p,2024-01-03,won,200,bob\n",
	'notes.txt' => "not a table\n");
my $good = folder(%good);
loads(
	"person.csv: 2 inserted, 0 changed, 0 same\n"
	  . "pipeline.csv: 1 inserted, 0 changed, 0 same\n"
	  . "employment.csv: 1 inserted, 0 changed, 0 same\n"
	  . "stage.csv: 3 inserted, 0 changed, 0 same\n"
	  . "opportunity.csv: 2 inserted, 0 changed, 0 same\n",
	'a folder', $good);
is( $node->safe_psql('postgres', q{SELECT string_agg(code || ':' || replace(name, E'\n', '/'), ' ' ORDER BY code) FROM sales.person}),
	"ann:Ann\r/B. bob:J\x{f6}rg" =~ s/\x{f6}/\xc3\xb6/r,
	'a line break in a field stays as it is, and so do letters beyond ASCII');
is( $node->safe_psql('postgres',
		q{SELECT string_agg(concat_ws(':', o.code, h.seq, s.code, h.amount, p.code), ' ' ORDER BY o.code)
		  FROM sales.opportunity_history AS h JOIN sales.opportunity AS o USING (opportunity_id)
		  JOIN sales.stage AS s ON s.stage_id = h.stage_id JOIN sales.person AS p ON p.person_id = h.owner_id}),
	'd1:0:contact:100:ann d2:0:won:200:bob',
	'deals without a history have an opening state');
is( $node->safe_psql('postgres', q{SELECT created_at AT TIME ZONE 'UTC' FROM sales.opportunity WHERE code = 'd1'}),
	'2024-01-01 23:00:00',
	'a day begins in the time zone of the book');

my $state = state();
loads(
	"person.csv: 0 inserted, 0 changed, 2 same\n"
	  . "pipeline.csv: 0 inserted, 0 changed, 1 same\n"
	  . "employment.csv: 0 inserted, 0 changed, 1 same\n"
	  . "stage.csv: 0 inserted, 0 changed, 3 same\n"
	  . "opportunity.csv: 0 inserted, 0 changed, 2 same\n",
	'the same folder again', $good);
is(state(), $state, 'the same folder again changes nothing');

refuses(qr/^opportunity\.csv, line 3, column owner: there is no person "zoe"\nLines refused in all: 1\.$/m,
	'an unknown code',
	'person.csv' => "code,name\ncleo,Cleo\n",
	'opportunity.csv' => "code,pipeline,created_at,owner\nd3,p,2024-01-02,cleo\nd4,p,2024-01-02,zoe\n");
refuses(qr/^person\.csv, line 5, column name: a value is required$/m,
	'a line after one with a line break inside',
	'person.csv' => "code,name\ncleo,\"Cleo\n\n(Berlin)\"\ndora,\n");
refuses(qr/^opportunity\.csv, line 2, column amount: "1\.000,00" is not a number$/m,
	'a number of another country',
	'opportunity.csv' => "code,pipeline,created_at,amount\nd3,p,2024-01-02,\"1.000,00\"\n");
refuses(qr/^employment\.csv, line 2, column during: .* overlaps a recorded row$/m,
	'two jobs at a time',
	'employment.csv' => "person,during,role\nann,\"[2024-06-01,2024-07-01)\",manager\n");
refuses(qr/^person\.csv, line 2, column name: a value is required, and there is no such column$/m,
	'a required column that is missing',
	'person.csv' => "code\ncleo\n");
refuses(qr/^people\.csv: the book has no table "people"; its tables are absence, account, /,
	'a file of no table',
	'person.csv' => "code,name\ncleo,Cleo\n",
	'people.csv' => "code,name\ncleo,Cleo\n");
refuses(qr/^person\.csv, line 1: person has no column "e-mail"; its columns are code, name, email, separated by commas$/m,
	'a column the table has not',
	'person.csv' => "code,name,e-mail\ncleo,Cleo,\n");
refuses(qr/^person\.csv, line 1: person has no column "code;name"/,
	'another separator',
	'person.csv' => "code;name\ncleo;Cleo\n");
refuses(qr/^person\.csv, line 1: column code is named twice$/m,
	'a column twice',
	'person.csv' => "code,name,code\ncleo,Cleo,cleo\n");
refuses(qr/^person\.csv, line 3: missing data for column "name"$/m,
	'a line that is too short',
	'person.csv' => "code,name\ncleo,Cleo\ndora\n");
refuses(qr/^person\.csv, line 2: extra data after last expected column$/m,
	'a line that is too long',
	'person.csv' => "code,name\ncleo,Cleo,Berlin\n");
refuses(qr/^person\.csv, line 3: invalid byte sequence for encoding "UTF8"/,
	'letters that are not UTF-8',
	'person.csv' => "code,name\ncleo,Cleo\njorg,J\xf6rg\n");
refuses(qr/^person\.csv: the file is empty$/m, 'an empty file', 'person.csv' => '');
refuses(qr/^person\.csv, line 1: the names of the columns are missing$/m, 'an empty first line', 'person.csv' => "\r\ncleo,Cleo\r\n");
refuses(qr/: there is no CSV file in it$/m, 'an empty folder', 'notes.txt' => '');

# a state in two files, agreeing or not; the ledger goes on from the opening state
my $change = "opportunity,changed_at,seq,stage,amount,owner\nd5,2024-01-02,1,contact,100,ann\nd5,2024-02-01,2,won,110,ann\n";
refuses(qr/^opportunity\.csv, line 2: the deal is in another state than its last line in opportunity_change\.csv says$/m,
	'two states of one deal',
	'opportunity.csv' => "code,pipeline,created_at,stage,amount,owner\nd5,p,2024-01-02,won,100,ann\n",
	'opportunity_change.csv' => $change);
$good = folder(
	'opportunity.csv' => "code,pipeline,created_at,stage,amount,owner\nd5,p,2024-01-02,won,110,ann\n",
	'opportunity_change.csv' => $change);
loads("opportunity.csv: 1 inserted, 0 changed, 0 same\nopportunity_change.csv: 2 inserted, 0 changed, 0 same\n",
	'a state and its history', $good);
$state = state();
loads("opportunity.csv: 0 inserted, 0 changed, 1 same\nopportunity_change.csv: 0 inserted, 0 changed, 2 same\n",
	'a state and its history again', $good);
is(state(), $state, 'a state and its history again change nothing');

# what others have in a schema of the search_path is not called, however well it fits
$node->safe_psql('postgres', q{
	CREATE FUNCTION public.trap(bigint, text) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped %', current_user; END$$;
	CREATE OPERATOR public.|| (LEFTARG = bigint, RIGHTARG = text, FUNCTION = public.trap);
	CREATE FUNCTION public.trap(bigint, int) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped %', current_user; END$$;
	CREATE OPERATOR public.> (LEFTARG = bigint, RIGHTARG = int, FUNCTION = public.trap)});
loads("opportunity.csv: 0 inserted, 0 changed, 1 same\nopportunity_change.csv: 0 inserted, 0 changed, 2 same\n",
	'operators of others in public', $good);
$node->safe_psql('postgres', q{DROP FUNCTION public.trap(bigint, text), public.trap(bigint, int) CASCADE});

# the folder of the page, in a book of its own, says what the page says
my ($example) = slurp_file(dirname($script) . '/../doc/load.md') =~ /^## A folder of files\n(.*?)^Had the last line/ms;
my %example = $example =~ /^`(\w+\.csv)`\n\n((?: {4}.+\n)+)/mg;
my ($answer) = $example =~ /^The answer:\n\n((?: {4}.+\n)+)/m;
s/^ {4}//mg for values %example, $answer;
$node->safe_psql('postgres', q{SELECT salesmgmt.create_book('page')});
my $page = folder(%example);
my ($out, $err) = ('', '');
ok((run [ 'bash', $script, $page, 'page' ], '<', \'', '>', \$out, '2>', \$err), 'the folder of doc/load.md') or diag $err;
is($out, $answer, 'the folder of doc/load.md: what it says');
run [ 'bash', $script, $page, 'page' ], '<', \'', '>', \$out, '2>', \$err;
is($out, $answer =~ s/(\d+) inserted, 0 changed, 0 same/0 inserted, 0 changed, $1 same/gr, 'the folder of doc/load.md again changes nothing');

($out, $err) = ('', '');
ok(!(run [ 'bash', $script, $good, 'nowhere' ], '<', \'', '>', \$out, '2>', \$err), 'no such book');
like($err, qr/there is no book "nowhere"/, 'no such book: what it says');
($out, $err) = ('', '');
ok(!(run [ 'bash', $script, "$good/none", 'sales' ], '<', \'', '>', \$out, '2>', \$err), 'no such folder');
like($err, qr/none: there is no such folder/, 'no such folder: what it says');

done_testing();
