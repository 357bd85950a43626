"""What is kept for how long, and who waits for whom."""

from __future__ import annotations

import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from unittest import mock

from tests.fake import CALLS, Fake
from zone_contract import TIME_TO_LIVE, CallFailed, Client, Zone

OTHER_KEY = "arn:aws:kms:ap-southeast-2:123456789012:key/ffffffff-0000-4000-8000-00000000beef"
CALLERS = 20


class Events:
    """Numbers, of which the last is known."""

    def __init__(self) -> None:
        self.last = 0
        self.lock = threading.Lock()

    def __next__(self) -> int:
        with self.lock:
            self.last += 1
            return self.last


def read(client: Client) -> Zone | CallFailed:
    try:
        return client.contract()
    except CallFailed as error:
        return error


class Cache(unittest.TestCase):
    def setUp(self) -> None:
        self.ssm = Fake()

    def at_once(self, client: Client) -> list[Zone | CallFailed]:
        """What callers in as many threads get, all of whom come before the first has read."""
        events = Events()
        patch = mock.patch.object(client, "_events", events)
        patch.start()
        self.addCleanup(patch.stop)
        with ThreadPoolExecutor(CALLERS) as threads:
            with client._lock:
                waiting = [threads.submit(read, client) for _ in range(CALLERS)]
                # who has a number is on the way to the lock
                while events.last < CALLERS:
                    time.sleep(0.001)
            return [waiter.result() for waiter in waiting]

    def test_what_was_read_is_served_without_a_call_until_it_is_read_again(self) -> None:
        client = self.ssm.client()
        first = client.contract()
        self.assertEqual(self.ssm.calls, CALLS)
        self.ssm.put("kms/secret/arn", OTHER_KEY)
        self.ssm.sign()
        self.assertIs(client.contract(), first)
        self.assertEqual(self.ssm.calls, CALLS, "served from what was read")
        fresh = client.refresh()
        self.assertEqual((fresh.key_arn("secret"), self.ssm.calls), (OTHER_KEY, 2 * CALLS))
        self.assertIs(client.contract(), fresh)
        self.assertEqual(self.ssm.calls, 2 * CALLS)

    def test_a_reading_is_served_for_its_time_and_five_minutes_are_the_default(self) -> None:
        hour = timedelta(hours=1)
        for kept, reader in ((TIME_TO_LIVE, Fake.client), (hour, partial(Fake.client, time_to_live=hour))):
            with self.subTest(kept):
                ssm = Fake()
                client = reader(ssm)
                client.contract()
                # the clock of a process that was frozen: the steady one says nothing of it
                over = time.time() + kept.total_seconds()
                with mock.patch("time.time", return_value=over - 60):
                    client.contract()
                self.assertEqual(ssm.calls, CALLS)
                with mock.patch("time.time", return_value=over):
                    client.contract()
                self.assertEqual(ssm.calls, 2 * CALLS, "its time is over")

    def test_a_clock_that_is_set_back_makes_no_reading_younger(self) -> None:
        client = self.ssm.client(time_to_live=timedelta(milliseconds=1))
        client.contract()
        with mock.patch("time.time", return_value=time.time() - 3600):
            time.sleep(0.005)
            client.contract()
        self.assertEqual(self.ssm.calls, 2 * CALLS)

    def test_an_old_reading_is_served_only_to_who_asks_for_it(self) -> None:
        client = self.ssm.client(time_to_live=timedelta())
        first = client.contract()
        self.ssm.refuses = "ThrottlingException"
        with self.assertRaises(CallFailed):
            client.contract()
        reading = client.contract_or_older(TIME_TO_LIVE)
        self.assertIs(reading.contract, first)
        self.assertIsInstance(reading.failed, CallFailed, "and it says why it is old")
        self.assertLess(reading.age, TIME_TO_LIVE)
        with self.assertRaises(CallFailed):
            client.contract_or_older(timedelta())
        self.ssm.refuses = None
        self.assertIsNone(client.contract_or_older(TIME_TO_LIVE).failed)
        other = Fake()
        other.refuses = "ThrottlingException"
        with self.assertRaises(CallFailed):
            other.client().contract_or_older(TIME_TO_LIVE)

    def test_one_reading_at_a_time_serves_all_who_wait(self) -> None:
        results = self.at_once(self.ssm.client())
        self.assertIsInstance(results[0], Zone)
        self.assertEqual(len(set(map(id, results))), 1)
        self.assertEqual(self.ssm.calls, CALLS)

    def test_who_comes_before_a_reading_that_is_never_kept_shares_it(self) -> None:
        self.at_once(self.ssm.client(time_to_live=timedelta()))
        self.assertEqual(self.ssm.calls, CALLS)

    def test_a_reading_that_failed_is_shared_by_all_who_wait_and_not_kept(self) -> None:
        self.ssm.refuses = "ThrottlingException"
        client = self.ssm.client()
        results = self.at_once(client)
        self.assertTrue(all(isinstance(result, CallFailed) for result in results))
        self.assertEqual(self.ssm.calls, 1, "a service that is down is not asked by each of them")
        self.ssm.refuses = None
        client.contract()
        self.assertEqual(self.ssm.calls, 1 + CALLS)
