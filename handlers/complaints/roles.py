"""Who acts on a case and who must not: roles of the district file, conflict of interest (回避), the ways around it.

Source: complaints reference §2 and §6 (routing by who is accused). Nobody of the accused unit is owner, reader or
recipient, whatever role that person holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.people import Directory
from handlers.complaints.states import Actor, Role, usable

BUREAU_LEADERS = "局领导"
_SECTION = "股室"
# Whoever may read the original words (reference §6); a leader or the discipline inspector only where they stand in.
READERS = frozenset((Role.INTAKE, Role.CASE, Role.VERIFIER, Role.DIRECTOR))
# In what order others stand in for an office whose people are all excluded.
_STAND_INS = (Role.LEADER, Role.DISCIPLINE)


@dataclass(frozen=True, slots=True)
class Desk:
    """Who acts on one case, by the role acted in. owner is the role that owns it until it is taken up.

    duty: whom a danger is told besides. None of them has a conflict of interest.
    """

    owner: Role
    people: Mapping[Role, tuple[str, ...]]
    duty: tuple[str, ...]

    def list(self, *roles: Role) -> list[str]:
        """Return who acts in any of the roles, each person once."""
        return list(dict.fromkeys(person for role in roles for person in self.people.get(role, ())))

    def roles_of(self, person: str) -> frozenset[Role]:
        """Return the roles in which a person may act on this case."""
        return frozenset(role for role, people in self.people.items() if person in people)


def granted(directory: Directory) -> Mapping[Role, tuple[str, ...]]:
    """Return who holds each role in the district; names of roles that do not exist are left out."""
    return directory.memo("complaints.roles", lambda: _granted(directory))


def _granted(directory: Directory) -> dict[Role, tuple[str, ...]]:
    known = {role.value: role for role in Role}
    found: dict[Role, tuple[str, ...]] = {}
    for entry in directory.facts.get("case_roles", ()):
        role = known.get(entry["role"])
        if role is not None:
            people = (person for person in entry["people"] if person in directory.people)
            found[role] = tuple(dict.fromkeys((*found.get(role, ()), *people)))
    return found


def roles_of(directory: Directory, person: str) -> frozenset[Role]:
    """Return the roles that a person holds in the district."""
    return frozenset(role for role, people in granted(directory).items() if person in people)


def list_duty(directory: Directory) -> tuple[str, ...]:
    """Return whom an emergency is told, in order."""
    listed = directory.facts.get("duty", {}).get("people", ())
    return tuple(person for person in listed if person in directory.people)


def is_staff(directory: Directory, person: str) -> bool:
    """Whether a person has anything to do with cases at all."""
    return bool(roles_of(directory, person)) or person in list_duty(directory)


def desk_of(
    directory: Directory, unit: str | None, complainant: str | None = None, excluded: Collection[str] = ()
) -> Desk:
    """Return who acts on a case against a unit. complainant: the person of the directory who filed it, if one did.

    excluded: who else has a conflict of interest, because the words name them or their part of the bureau.
    """
    conflict = in_conflict(directory, unit) | set(excluded) | ({complainant} if complainant else set())
    free = _filter(directory, conflict)
    people = {role: free(people) for role, people in granted(directory).items()}
    accused = directory.units.get(unit) if unit else None
    if accused is not None and accused.kind == BUREAU_LEADERS:
        # Not spread, not copied: nobody but the inspector learns of it (reference §6.5).
        return _stood_in(people, (Role.DISCIPLINE,), ())
    duty = free(list_duty(directory))
    if accused is not None and accused.id == office_of(directory):
        return _stood_in(people, _STAND_INS, duty)
    return _ordinary(people, duty)


def _ordinary(people: Mapping[Role, tuple[str, ...]], duty: tuple[str, ...]) -> Desk:
    """Return the desk of a case that the office handles, with others where all of a role are excluded."""
    stand_in = next((role for role in _STAND_INS if people.get(role)), Role.DISCIPLINE)
    acting = {role: people.get(role, ()) for role in READERS}
    owner = next((role for role in (Role.INTAKE, Role.DIRECTOR) if acting[role]), stand_in)
    if owner in _STAND_INS:
        desk = _stood_in(people, _STAND_INS, duty)
        return Desk(desk.owner, {**acting, **desk.people}, duty)
    acting[Role.INTAKE] = people.get(owner, ())
    if owner is Role.DIRECTOR or not acting[Role.DIRECTOR]:
        # Whoever proposes a refusal does not sign it: a director who decides needs another beside him.
        acting[Role.DIRECTOR] = tuple(dict.fromkeys((*acting[Role.DIRECTOR], *people.get(stand_in, ()))))
    return Desk(owner, acting, duty)


def _stood_in(people: Mapping[Role, tuple[str, ...]], roles: tuple[Role, ...], duty: tuple[str, ...]) -> Desk:
    """Return the desk of a case that the office does not handle: the first role owns it, all of them sign."""
    owner = next((role for role in roles if people.get(role)), roles[-1])
    signers = tuple(dict.fromkeys(person for role in roles for person in people.get(role, ())))
    return Desk(owner, {Role.INTAKE: people.get(owner, ()), Role.DIRECTOR: signers}, duty)


def office_of(directory: Directory) -> str | None:
    """Return the unit that runs the office (作风整顿办公室); that of its director where the file names none."""
    found: str | None = directory.facts.get("leading_group", {}).get("office")
    if found in directory.units:
        return found
    directors = granted(directory).get(Role.DIRECTOR, ())
    return directory.people[directors[0]].unit if directors else None


def in_conflict(directory: Directory, unit: str | None) -> frozenset[str]:
    """Return who has a conflict of interest where a unit is accused: its people and its leader in charge."""
    accused = directory.units.get(unit) if unit else None
    if accused is None:
        return frozenset()
    house = {accused.id, accused.parent, *(one.id for one in directory.units.values() if one.parent == accused.id)}
    inspectors = granted(directory).get(Role.DISCIPLINE, ())  # stationed there by another body, not of that unit
    excluded = {person.id for person in directory.people.values() if person.unit in house} - set(inspectors)
    excluded |= {person for person in (accused.head, _leader_of(accused.kind, accused.leader)) if person}
    return frozenset(excluded)


def _leader_of(kind: str, leader: str | None) -> str | None:
    """A section's case goes to a leader of another line (reference §6.3)."""
    return leader if kind == _SECTION else None


def _filter(directory: Directory, excluded: frozenset[str]) -> Callable[[Iterable[str]], tuple[str, ...]]:
    """Return what leaves the excluded out, and administrators, who never see the content of a case."""
    away = excluded | set(granted(directory).get(Role.ADMIN, ()))
    return lambda people: tuple(person for person in people if person not in away)


def actor_of(desk: Desk, directory: Directory, person: str, held: frozenset[Role]) -> Actor:
    """Return a person as an actor on a case. held: roles acted in on this case before."""
    roles = usable(desk.roles_of(person) | (roles_of(directory, person) & {Role.ADMIN}), held)
    acts_nowhere = not desk.roles_of(person)
    is_excluded = acts_nowhere and bool(roles_of(directory, person) & READERS)
    return Actor(person, roles, is_excluded)
