# What the pages of doc/ print is what psql prints: every example is run and compared.
#
# In a section whose heading begins with "Example", each code block is read as psql's
# input and, after a blank line, its output.  A page says in its words on which book it
# runs:
#
#   create_demo_book('bank', until => '2026-06-01')    in the text: that book
#   the book of `sql/x.sql`                            the book that this test makes, up to where it
#                                                      names the page in a comment, or else
#                                                      first asks the page's first report
#   neither                                            no book, the measures alone
#
# A page that goes on with a book says so again, and is named in a second comment.
#
# An example that cannot be run says "not run" in the heading of its section, and a table
# of psql stands nowhere else.
#
# With SALESMGMT_DOC_UPDATE=folder the pages are written there with what psql prints now.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname basename);
use IPC::Run qw(run);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = dirname(abs_path(__FILE__)) . '/../..';
my $update = $ENV{SALESMGMT_DOC_UPDATE};

my $node = PostgreSQL::Test::Cluster->new('main');
# whatever the machine's locale: bars and names are UTF-8, and names sort by their bytes
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
if (my $settings = $ENV{SALESMGMT_SERVER_SETTINGS})
{
	$node->append_conf('postgresql.conf', slurp_file($settings));
}
$node->append_conf('postgresql.conf', "fsync = off\njit = off\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE plain');
$node->safe_psql('plain', 'SET client_min_messages = warning; CREATE EXTENSION salesmgmt CASCADE');

# The code of a page by paragraph: its first and last line, counted from 0, and its text.
sub paragraphs
{
	my @lines = @_;
	my ($heading, $fenced, $before, @found) = ('', 0, '');
	foreach my $i (0 .. $#lines)
	{
		my $line = $lines[$i];
		if ($line =~ /^```/) { $fenced = !$fenced; $before = ''; next; }
		if (!$fenced && $line =~ /^#+ (.*)/) { $heading = $1; $before = ''; next; }
		my $is_code = $line =~ /\S/ && ($fenced || $line =~ /^ {4}/);
		my $code = $fenced ? $line : substr($line, $line =~ /^ {4}/ ? 4 : 0);
		if (!$is_code) { $before = ''; next; }
		if ($before ne '') { $found[-1]{last} = $i; $found[-1]{text} .= "$code\n"; }
		else { push @found, { first => $i, last => $i, text => "$code\n", heading => $heading, fenced => $fenced }; }
		$before = $line;
	}
	return @found;
}

# What psql prints, and a page may leave out: trailing blanks, empty lines, and how many rows there are.
sub bare
{
	my ($text) = @_;
	return join '', map { s/\s+$//r . "\n" } grep { /\S/ && !/^\(\d+ rows?\)\s*$/ } split /\n/, $text;
}

# Inputs of a page, each with the paragraphs of its output.
sub examples
{
	my @examples;
	foreach my $p (grep { $_->{heading} =~ /^Example/ && $_->{heading} !~ /not run/ } @_)
	{
		my $open = @examples && !@{ $examples[-1]{output} } && $examples[-1]{input} !~ /;\s*$|^\\.*\n\z/m;
		if ($open || $p->{text} =~ /^\s*(?:--|\\|(?:SELECT|WITH|SET|RESET|CREATE|INSERT|UPDATE|DELETE|COPY|BEGIN|COMMIT|ROLLBACK|VALUES|ANALYZE|DROP|DO|CALL)\b)/)
		{
			push @examples, { input => '', output => [], line => $p->{first} + 1 } if !@examples || @{ $examples[-1]{output} };
			$examples[-1]{input} .= "$p->{text}\n";
		}
		elsif (@examples)
		{
			push @{ $examples[-1]{output} }, $p;
		}
	}
	return @examples;
}

# The statements of a regression test that make the book it then asks a report about.
sub making
{
	my ($file, $page, $report, $nth) = @_;
	my $script = slurp_file("$top/$file");
	my $before = qr/^--[^\n]*\bdoc\/\Q$page\E\b/m;
	return $1 if $script =~ /\A((?:.*?$before){@{[ $nth - 1 ]}}.*?)$before/s;
	my ($inserted, $start, $length) = (0, 0, 0);
	foreach my $line (split /^/m, $script)
	{
		$inserted = 1 if $line =~ /^INSERT/;
		return substr($script, 0, $start) if $inserted && $line =~ /^[^-].*\b$report\(/;
		$length += length $line;
		$start = $length if $line =~ /;\s*$|^\\|^--|^\s*$/;
	}
	die "$file never asks $report";
}

# Demo books take their time: all are begun at once, and are ready when a page wants them.
my $demo_book = qr/create_demo_book\(('(\w+)'[^)]*)\)/;
my %demo;
sub begin_demo_books
{
	foreach my $text (@_)
	{
		while ($text =~ /^[^ ].*?$demo_book/mg)
		{
			my $arguments = $1;
			next if $demo{$arguments};
			my $db = 'demo_' . (1 + keys %demo);
			$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE plain");
			my $making = IPC::Run::start([ 'psql', '-Xq', '-d', $node->connstr($db), '-c',
					"SET client_min_messages = warning; SELECT salesmgmt.create_demo_book($arguments)" ], '>', \my $out);
			$demo{$arguments} = { db => $db, making => $making };
		}
	}
	return;
}

# The database of a book, and what psql is told before the examples.
sub book_of
{
	my ($page, $said, $report, $nth) = @_;
	if ($said =~ $demo_book)
	{
		my ($demo, $schema) = ($demo{$1}, $2);
		if ($demo->{making}) { $demo->{making}->finish or die "no demo book for $page"; }
		$demo->{making} = undef;
		return ($demo->{db}, "SET search_path = $schema, salesmgmt;\n");
	}
	return ('plain', "SET search_path = salesmgmt, public;\n") if $said !~ /book of `(sql\/\w+\.sql)`/;
	my $making = making($1, $page, $report, $nth);
	my $db = ($page =~ s/\W/_/gr) . "_$nth";
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE plain");
	return ($db, "\\o /dev/null\n$making\\o\n\\set ECHO none\n\\pset format aligned\n\\pset tuples_only off\n\\pset null ''\n");
}

# What psql prints of examples, all in one session that leaves the book as it was.
sub printed
{
	my ($db, $script, @examples) = @_;
	my ($printed, $errors) = ('', '');
	$script .= "SET client_min_messages = warning;\nSET TimeZone = 'UTC';\nSET DateStyle = 'ISO';\n\\set ON_ERROR_STOP 1\nBEGIN;\n";
	$script .= "\\echo <example>\n$_->{input}" foreach @examples;
	run [ 'psql', '-Xq', '-d', $node->connstr($db), '-f', '-' ], '<', \$script, '>', \$printed, '2>', \$errors;
	# a test that makes a book is refused a few things on purpose
	diag $errors if $db =~ /^(demo|plain)/ && $errors =~ /ERROR/;
	my (undef, @printed) = split /^<example>\n/m, $printed;
	$examples[$_]{printed} = $printed[$_] // '' foreach 0 .. $#examples;
	return;
}

$ENV{PG_ABS_SRCDIR} = $top;
$ENV{PGTZ} = 'UTC';
my $examples = 0;
my %page = map { $_ => slurp_file($_) } glob("$top/doc/*.md"), "$top/README.md";
begin_demo_books(values %page);
foreach my $file (sort { ($page{$a} =~ $demo_book) <=> ($page{$b} =~ $demo_book) || $a cmp $b } keys %page)
{
	my $page = basename($file);
	my @lines = split /\n/, $page{$file};
	my @paragraphs = paragraphs(@lines);
	my @examples = examples(@paragraphs);

	my @outside = map { $_->{first} + 1 } grep { $_->{heading} !~ /^Example/ && $_->{text} =~ /^ ?-{3,}[-+]*$/m } @paragraphs;
	is("@outside", '', "$page: tables that psql prints stand in examples") if @outside;
	next if !grep { @{ $_->{output} } } @examples;

	# each book, and the examples from where the page says so to where it names the next
	my @said = grep { $lines[$_] !~ /^ {4}/ && $lines[$_] =~ /create_demo_book\('|book of `sql\// } 0 .. $#lines;
	@said = (0) if !@said;
	foreach my $nth (1 .. @said)
	{
		my @here = grep { ($nth == 1 || $_->{line} > $said[ $nth - 1 ]) && ($nth == @said || $_->{line} <= $said[$nth]) } @examples;
		my ($report) = "@{[ map { $_->{input} } @here ]}" =~ /\bFROM (\w+)\(/;
		printed(book_of($page, $lines[ $said[ $nth - 1 ] ], $report, $nth), @here);
	}

	foreach my $n (reverse 0 .. $#examples)
	{
		my @shown = @{ $examples[$n]{output} } or next;
		my $now = $examples[$n]{printed};
		$examples++;
		if ($update && bare($now) ne bare(join '', map { $_->{text} } @shown))
		{
			$now =~ s/^\(\d+ rows?\)\n//mg if !grep { $_->{text} =~ /^\(\d+ rows?\)$/m } @shown;
			my $indent = $shown[0]{fenced} ? '' : '    ';
			my @now = map { /\S/ ? $indent . s/\s+$//r : '' } split /\n/, $now =~ s/\n+\z//r;
			splice @lines, $shown[0]{first}, $shown[-1]{last} - $shown[0]{first} + 1, @now;
		}
		is(bare($now), bare(join '', map { $_->{text} } @shown), "$page, line $examples[$n]{line}");
	}
	if ($update)
	{
		open(my $out, '>:raw', "$update/$page") or die $!;
		print $out map { "$_\n" } @lines;
		close $out;
	}
}
cmp_ok($examples, '>=', 60, 'the examples of the pages');

$node->stop('fast');
done_testing();
