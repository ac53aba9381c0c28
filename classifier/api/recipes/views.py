"""What a project's query batches are mixed by."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.recipes.serializers import RecipeSerializer, RecipeSetSerializer
from classifier.selectors.recipes import recipe_in_use
from classifier.services.recipes import recipe_set
from labeling.api.permissions import ProjectView
from labeling.models import Role


class Recipe(ProjectView):
    """The recipe of a project."""

    required_role = Role.ADMIN

    @extend_schema(operation_id="recipe_retrieve", responses=RecipeSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        return Response(RecipeSerializer(recipe_in_use(project=self.project)).data)

    @extend_schema(operation_id="recipe_set", request=RecipeSetSerializer, responses=RecipeSerializer)
    def put(self, request: Request, **kwargs: Any) -> Response:
        form = RecipeSetSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        recipe_set(project=self.project, **form.validated_data)
        return Response(RecipeSerializer(recipe_in_use(project=self.project)).data)
