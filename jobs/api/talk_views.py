"""Questions with their answers, and appeals."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from itag.core.errors import NotFound
from itag.core.policy import require
from itag.web.pagination import KeysetPagination, OldestFirst
from jobs.api import talk_serializers as shapes
from jobs.models import Appeal, Assignment, Job, Message, Thread
from jobs.policies import abilities
from jobs.selectors.talk import (
    Eyes,
    answers_payload,
    appeal_payload,
    find_appeal,
    find_thread,
    item_threads,
    message_payload,
    published_answers,
    thread_payload,
    with_messages,
)
from jobs.selectors.votes import require_sight_of
from jobs.selectors.work import find_assignment
from jobs.services import appeals, talk


class ThreadFilter(django_filters.FilterSet):
    """A closed set of names."""

    job = django_filters.NumberFilter(field_name="job_id")
    state = django_filters.ChoiceFilter(choices=Thread.State.choices)

    class Meta:
        model = Thread
        fields: list[str] = []


class AppealFilter(django_filters.FilterSet):
    job = django_filters.NumberFilter(field_name="job_id")
    state = django_filters.ChoiceFilter(choices=Appeal.State.choices)

    class Meta:
        model = Appeal
        fields: list[str] = []


def eyes(user: User, jobs: Iterable[Job]) -> Eyes:
    """What the person may know of in these jobs; one query for any number."""
    verdicts = abilities(user, set(jobs))
    return Eyes(user, {pk: bool(may["assign"]) for pk, may in verdicts.items()})


class FlagViewSet(GenericViewSet[Assignment]):
    """What the holder of a package is unsure of, and what was judged of theirs."""

    queryset = Assignment.objects.none()
    serializer_class = shapes.ThreadSerializer
    filter_backends = ()
    # The services find the person's own assignment; only where they do not is `assignments.work` asked.
    rules = {"list": "assignments.view", "create": "signed_in", "appeal": "signed_in"}

    @extend_schema(
        summary="The questions about an item",
        operation_id="assignments_items_flag_list",
        responses={200: shapes.ThreadsSerializer},
    )
    def list(self, request: Request, pk: int, position: int) -> Response:
        assignment = find_assignment(pk)
        self.check_object_permissions(request, assignment)
        require_sight_of(_user(request), assignment)
        found = item_threads(assignment, position)
        seen = eyes(_user(request), [assignment.job])
        return Response({"results": [thread_payload(thread, seen) for thread in found]})

    @extend_schema(
        summary="Flag an item as unsure, with a question",
        description="It blocks nothing. A further one goes on with the same question.",
        request=shapes.FlagSerializer,
        responses={200: shapes.ThreadSerializer},
    )
    def create(self, request: Request, pk: int, position: int) -> Response:
        fields = _valid(shapes.FlagSerializer, request)
        made = self._do(talk.flag_item, position=position, **fields)
        return Response(_thread(made.pk, _user(request)))

    @extend_schema(
        summary="Appeal against the verdict on your answer",
        description="Once, within three days. Without such a verdict 409 `no_verdict`, later 409 `too_late`.",
        request=shapes.AppealWriteSerializer,
        responses={201: shapes.AppealSerializer},
    )
    def appeal(self, request: Request, pk: int, position: int) -> Response:
        fields = _valid(shapes.AppealWriteSerializer, request)
        made = self._do(appeals.open_appeal, position=position, **fields)
        return Response(_appeal(made.pk, _user(request)), status=status.HTTP_201_CREATED)

    def _do(self, service: Any, **fields: Any) -> Any:
        user, pk = _user(self.request), self.kwargs["pk"]
        try:
            return service(assignment_id=pk, user=user, **fields)
        except NotFound:
            require(user, "assignments.work", find_assignment(pk))
            raise


class ThreadViewSet(GenericViewSet[Thread]):
    """Questions: one's own, and all of jobs that one leads."""

    queryset = Thread.objects.none()
    serializer_class = shapes.ThreadSerializer
    filterset_class = ThreadFilter
    rules = {
        "list": "signed_in",
        "create": "signed_in",
        "retrieve": "threads.view",
        "close": "threads.close",
    }

    def get_queryset(self) -> QuerySet[Thread]:
        return with_messages(Thread.objects.visible_to(self.request.user).for_list())

    @extend_schema(summary="Questions that you asked or that you answer, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        seen = eyes(_user(request), {thread.job for thread in page})
        return self.get_paginated_response([thread_payload(thread, seen) for thread in page])

    @extend_schema(
        summary="Ask something about a job as a whole",
        request=shapes.AskSerializer,
        responses={201: shapes.ThreadSerializer},
    )
    def create(self, request: Request) -> Response:
        fields = _valid(shapes.AskSerializer, request)
        job = get_object_or_404(Job.objects.alive(), pk=fields.pop("job"))
        require(request.user, "threads.ask", job)
        made = talk.ask_question(job=job, user=_user(request), **fields)
        return Response(_thread(made.pk, _user(request)), status=status.HTTP_201_CREATED)

    @extend_schema(summary="One question", responses={200: shapes.ThreadSerializer})
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(_thread(self.seen(pk).pk, _user(request)))

    @extend_schema(
        summary="Put a question aside", request=None, responses={200: shapes.ThreadSerializer}
    )
    def close(self, request: Request, pk: int) -> Response:
        talk.close_thread(thread=self.seen(pk), user=_user(request))
        return Response(_thread(pk, _user(request)))

    def seen(self, pk: int) -> Thread:
        thread = find_thread(pk)
        self.check_object_permissions(self.request, thread)
        return thread


class MessageViewSet(GenericViewSet[Message]):
    """What is written in a question."""

    queryset = Message.objects.none()
    serializer_class = shapes.MessageSerializer
    pagination_class = OldestFirst
    filter_backends = ()
    rules = {"list": "threads.view", "create": "threads.write", "publish": "threads.publish"}

    @extend_schema(summary="The messages of a question, oldest first")
    def list(self, request: Request, pk: int) -> Response:
        thread = self.thread(pk)
        rows = Message.objects.filter(thread=thread).select_related("author")
        page = self.paginate_queryset(rows) or []
        seen = eyes(_user(request), [thread.job])
        return self.get_paginated_response(
            [message_payload(thread, message, seen) for message in page]
        )

    @extend_schema(
        summary="Answer a question, or go on asking",
        request=shapes.MessageWriteSerializer,
        responses={201: shapes.MessageSerializer},
    )
    def create(self, request: Request, pk: int) -> Response:
        thread = self.thread(pk)
        fields = _valid(shapes.MessageWriteSerializer, request)
        if fields["publish"]:
            require(request.user, "threads.publish", thread)
        made = talk.post_message(thread=thread, user=_user(request), **fields)
        shown = message_payload(thread, made, eyes(_user(request), [thread.job]))
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Show an answer to everybody in the job, or to them no longer",
        request=shapes.PublishSerializer,
        responses={200: shapes.MessageSerializer},
    )
    def publish(self, request: Request, pk: int, message: int) -> Response:
        thread = self.thread(pk)
        found = get_object_or_404(
            Message.objects.select_related("author"), thread=thread, pk=message
        )
        publish = _valid(shapes.PublishSerializer, request)["publish"]
        talk.publish_answer(message=found, user=_user(request), publish=publish)
        found.published = publish
        return Response(message_payload(thread, found, eyes(_user(request), [thread.job])))

    def thread(self, pk: int) -> Thread:
        thread = find_thread(pk)
        self.check_object_permissions(self.request, thread)
        return thread


class AnswerViewSet(GenericViewSet[Message]):
    """Answers for everybody in a job."""

    queryset = Message.objects.none()
    serializer_class = shapes.AnswerSerializer
    pagination_class = KeysetPagination
    filter_backends = ()
    rules = {"list": "guides.view"}

    @extend_schema(summary="Published answers to questions about the job, newest first")
    def list(self, request: Request, pk: int) -> Response:
        job = get_object_or_404(Job.objects.alive(), pk=pk)
        self.check_object_permissions(request, job)
        page = self.paginate_queryset(published_answers(job)) or []
        return self.get_paginated_response(answers_payload(job, page))


class AppealViewSet(GenericViewSet[Appeal]):
    """Appeals: one's own, and all of jobs that one leads."""

    queryset = Appeal.objects.none()
    serializer_class = shapes.AppealSerializer
    filterset_class = AppealFilter
    rules = {"list": "signed_in", "retrieve": "appeals.view", "decide": "appeals.decide"}

    def get_queryset(self) -> QuerySet[Appeal]:
        return Appeal.objects.visible_to(self.request.user).for_list()

    @extend_schema(summary="Appeals of yours and of jobs that you lead, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        seen = eyes(_user(request), {appeal.job for appeal in page})
        return self.get_paginated_response([appeal_payload(appeal, seen) for appeal in page])

    @extend_schema(summary="One appeal", responses={200: shapes.AppealSerializer})
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(_appeal(self.seen(pk).pk, _user(request)))

    @extend_schema(
        summary="Uphold or dismiss an appeal",
        description="Not by whoever appealed or judged. Decided otherwise before, it is 409 `decided`.",
        request=shapes.DecideSerializer,
        responses={200: shapes.AppealSerializer},
    )
    def decide(self, request: Request, pk: int) -> Response:
        appeal = self.seen(pk)
        fields = _valid(shapes.DecideSerializer, request)
        appeals.decide_appeal(appeal=appeal, user=_user(request), **fields)
        return Response(_appeal(pk, _user(request)))

    def seen(self, pk: int) -> Appeal:
        appeal = find_appeal(pk)
        self.check_object_permissions(self.request, appeal)
        return appeal


def _thread(pk: int, user: User) -> dict[str, Any]:
    thread = with_messages(Thread.objects.for_list()).get(pk=pk)
    return thread_payload(thread, eyes(user, [thread.job]))


def _appeal(pk: int, user: User) -> dict[str, Any]:
    appeal = find_appeal(pk)
    return appeal_payload(appeal, eyes(user, [appeal.job]))


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
