"""Members who do nothing but send the form of a new lead."""

import asyncio
from time import perf_counter

from benchmarks.book import Book, Window
from benchmarks.student import Failed, Habits, Student


async def written(port: int, members: int, pause: float, seconds: float) -> tuple[Window, Book]:
    """So many members send for so long, with `pause` seconds from one sending to the next, or none."""
    book, over = Book(), asyncio.Event()
    students = [Student(number, port, Habits(0), book, over) for number in range(1, members + 1)]
    for student in students:
        await student.sign_in()
    start = perf_counter()
    await asyncio.gather(*(send(student, pause, start + seconds) for student in students))
    return book.between(start, start + seconds), book


async def send(student: Student, pause: float, end: float) -> None:
    """One member's afternoon."""
    form = await student.look("form", "/leads/new")
    await asyncio.sleep(student.chance.uniform(0, pause))
    while (began := perf_counter()) < end:
        try:
            await student.new_lead(form)
        except Failed:
            continue
        if pause:
            await asyncio.sleep(max(0.0, began + pause - perf_counter()))
    student.wire.close()
