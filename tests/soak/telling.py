"""Random histories of telling (tests/telling/history.py), and a courier that is killed by SIGKILL.

    python -m tests.soak.telling                 1,000 histories and 20 killed couriers, some four minutes
    python -m tests.soak.telling --histories 50 --seed 7000 --killed 0

Ends with status 1 and the seeds where a history does not come out as it must; `--histories 1 --seed N` plays one again.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from db.archive import Archive
from db.records import Message
from monitor.config import load_config
from monitor.telling.courier import AT_ONCE
from tests.bot_api import FakeBotApi
from tests.telling.history import Told, play

CHATS = 40  # that a courier which is killed tells
START = datetime(2024, 2, 8, 1, tzinfo=UTC)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.telling", description="Play histories of telling.")
    parser.add_argument("--histories", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the first history; the next has N + 1")
    parser.add_argument("--killed", type=int, default=20, metavar="N", help="couriers that are killed by SIGKILL")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, FakeBotApi() as api:
        broken = _histories(range(asked.seed, asked.seed + asked.histories), api, Path(folder))
        broken += _killed(range(asked.seed, asked.seed + asked.killed), api, Path(folder))
    for sentence in broken:
        print(sentence)
    print("well" if not broken else f"{len(broken)} broken")
    return 1 if broken else 0


def _histories(seeds: range, api: FakeBotApi, folder: Path) -> list[str]:
    template, settings = folder / "empty.db", folder / "config.toml"
    Archive.open(template).close()
    settings.write_text("", "utf-8")
    config, total, broken = load_config(settings), Told(), []
    start = time.perf_counter()
    for number, seed in enumerate(seeds, 1):
        try:
            one = play(seed, api, template, folder, config)
        except AssertionError as error:
            broken.append(f"history {seed}: {error}")
            continue
        for field in fields(Told):
            setattr(total, field.name, getattr(total, field.name) + getattr(one, field.name))
        if number % 100 == 0:
            print(f"{number} histories, {time.perf_counter() - start:.0f} s", flush=True)
    print(
        f"{len(seeds)} histories in {time.perf_counter() - start:.1f} s: {total.messages} messages heard,"
        f" {total.faults} faults, {total.lost} replies lost after the message was there, {total.kills} kills, at which"
        f" {total.kills_between} messages were there and not written down; {total.copies} heard twice"
    )
    return broken


def _killed(seeds: range, api: FakeBotApi, folder: Path) -> list[str]:
    """A courier in a process of its own, killed some times while it sends, then left alone."""
    broken, twice, kills = [], 0, 0
    for seed in seeds:
        draw = random.Random(seed)
        api.reset()
        path = folder / f"killed-{seed}.db"
        chats = [str(1000 + number) for number in range(CHATS)]
        with Archive.open(path) as archive:
            archive.outbox.put([Message(chat, "telegram", "甲", "found", f"告知 {chat}") for chat in chats], START)
        here, is_over = 0, False
        while not is_over:
            command = [sys.executable, "-P", "-m", "tests.soak.telling_child", str(path), api.base_url]
            child = subprocess.Popen(command, cwd=Path(__file__).parents[2])
            dies_after = len(api.sent) + draw.randint(1, CHATS // 2)
            if here < 4:
                while child.poll() is None and len(api.sent) < dies_after:
                    time.sleep(0.001)
                time.sleep(draw.random() * 0.005)
                if child.poll() is None:
                    os.kill(child.pid, signal.SIGKILL)
                    here += 1
            is_over = child.wait() == 0
            if child.returncode not in (0, -signal.SIGKILL):
                broken.append(f"killed courier {seed}: it ended with status {child.returncode}")
                break
        counts = [len(api.received(chat)) for chat in chats]
        with Archive.open(path) as archive:
            waiting = archive.query("SELECT count(*) FROM outbox WHERE state <> 'sent'")
        more = sum(counts) - CHATS
        if min(counts) < 1 or more > here * AT_ONCE or waiting != [(0,)]:
            broken.append(f"killed courier {seed}: heard {counts}, {here} kills, not sent {waiting}")
        twice, kills = twice + more, kills + here
    print(f"{len(seeds)} couriers, {kills} times killed by SIGKILL; {twice} messages heard twice, none lost")
    return broken


if __name__ == "__main__":
    sys.exit(main())
