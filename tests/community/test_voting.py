"""One vote a reader and paper, counted exactly, however many vote at once."""

from broadsheet.community import counting, voting
from broadsheet.library.models import Paper


def test_a_vote_counts_once_however_often_it_is_given(site_library, paper, reader):
    ann = reader("ann")
    before = paper.trending
    voting.vote(ann, paper.pk, site_library.clock())
    voted = voting.vote(ann, paper.pk, site_library.clock())
    assert (voted.votes, voted.trusted_votes) == (1, 1)
    assert voted.trending > before
    assert voting.voted(ann, [paper.pk]) == {paper.pk}


def test_a_vote_taken_back_leaves_everything_as_it_was(site_library, paper, reader):
    ann = reader("ann")
    voting.vote(ann, paper.pk, site_library.clock())
    for _ in range(2):
        back = voting.take_back(ann, paper.pk)
        assert (back.votes, back.trusted_votes, back.trending) == (0, 0, paper.trending)
    assert voting.voted(ann, [paper.pk]) == set()


def test_only_votes_of_verified_readers_move_trending(site_library, paper, reader):
    from allauth.account.models import EmailAddress

    newcomer = reader("new", is_verified=False)
    voted = voting.vote(newcomer, paper.pk, site_library.clock())
    assert (voted.votes, voted.trusted_votes, voted.trending) == (1, 0, paper.trending)
    EmailAddress.objects.filter(user=newcomer).update(verified=True)
    voting.reweigh(newcomer)
    voted.refresh_from_db()
    assert (voted.votes, voted.trusted_votes) == (1, 1)
    assert voted.trending > paper.trending


def test_a_limited_readers_votes_are_counted_for_nobody_and_come_back_with_the_limit_lifted(
    site_library, paper, reader
):
    ann, bo = reader("ann"), reader("bo", is_limited=True)
    voting.vote(ann, paper.pk, site_library.clock())
    assert voting.vote(bo, paper.pk, site_library.clock()).votes == 1
    assert voting.voted(bo, [paper.pk]) == {paper.pk}
    for is_limited, votes in ((True, 0), (False, 1)):
        ann.is_limited = is_limited
        ann.save()
        voting.reweigh(ann)
        paper.refresh_from_db()
        assert (paper.votes, paper.trusted_votes) == (votes, votes)


def test_fifty_votes_of_one_reader_at_once_count_once(site_library, paper, reader, in_parallel):
    ann, now = reader("ann"), site_library.clock()
    in_parallel([lambda: voting.vote(ann, paper.pk, now)] * 50)
    paper.refresh_from_db()
    assert (paper.votes, paper.trusted_votes) == (1, 1)
    assert list(counting.miscounts()) == []


def test_fifty_readers_voting_at_once_count_fifty(site_library, paper, reader, in_parallel):
    now = site_library.clock()
    readers = [reader(f"reader-{n}") for n in range(50)]
    in_parallel([lambda who=who: voting.vote(who, paper.pk, now) for who in readers])
    paper.refresh_from_db()
    assert (paper.votes, paper.trusted_votes) == (50, 50)
    assert list(counting.miscounts()) == []


def test_votes_given_and_taken_back_at_once_never_miscount(site_library, paper, reader, in_parallel):
    now = site_library.clock()
    readers = [reader(f"reader-{n}") for n in range(10)]
    acts = [lambda who=who: voting.vote(who, paper.pk, now) for who in readers * 2]
    acts += [lambda who=who: voting.take_back(who, paper.pk) for who in readers]
    in_parallel(acts)
    assert list(counting.miscounts()) == []


def test_a_paper_counts_as_read_once_a_reader(site_library, paper, reader):
    now = site_library.clock()
    for who in (reader("ann"), reader("bo"), reader("cy", is_limited=True)):
        for _ in range(2):
            voting.note_read(who, paper.pk, now)
    paper.refresh_from_db()
    assert paper.reads == 2
    assert list(counting.miscounts()) == []


def test_counters_that_went_wrong_are_found_and_repaired(site_library, paper, reader):
    voting.vote(reader("ann"), paper.pk, site_library.clock())
    voting.note_read(reader("bo"), paper.pk, site_library.clock())
    right = Paper.objects.get()
    Paper.objects.update(votes=7, reads=0, trending=0)
    assert {str(each) for each in counting.miscounts()} == {
        "2611.00001 says 7 votes, there are 1",
        "2611.00001 says 0 reads, there are 1",
    }
    assert counting.repair() == 2
    repaired = Paper.objects.get()
    assert (repaired.votes, repaired.reads, repaired.trending) == (1, 1, right.trending)
    assert counting.repair() == 0
