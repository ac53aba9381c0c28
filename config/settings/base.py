"""Settings shared by development, tests and production. What differs is set in the module beside this one."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE, NONE, SELF

from config.env import BASE_DIR

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "config.apps.ProcessConfig",
    "labeling",
    "classifier",
]

MIDDLEWARE = [
    "config.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.security.PermissionsPolicyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "labeling.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English")]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Passwords are checked by our own API, which limits their rate; allauth adds single sign-on and nothing else.
# Nobody signs up by himself: people are invited, and single sign-on finds them by the e-mail its provider verified.
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_ADAPTER = "config.accounts.InvitedPeopleOnly"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]

STATIC_URL = "/static/"
STATIC_BUILD = BASE_DIR / "staticfiles"  # where collectstatic puts them compressed; without images they stay in place
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.exists() else []
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9.]+$"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "blob:", "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

HAS_EMAIL = False  # these two: settings/mail.py
MAIL_LINKS = ""

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["labeling.api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.exceptions.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Antesis",
    "DESCRIPTION": "Label photos by growth stage with several experts and a model that learns from them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Fields of one name with different values in different places: what each set of values is called.
    "ENUM_NAME_OVERRIDES": {
        "Role": "labeling.models.Role",
        "DecisionOutcome": "labeling.api.bench.serializers.OUTCOMES",
        "DecisionKind": "labeling.api.bench.serializers.KINDS",
        "AnnotationKind": "labeling.models.Annotation.Kind",
        "AdjudicationOutcome": "labeling.api.adjudication.serializers.OUTCOMES",
        "ConsensusOutcome": "labeling.models.Consensus.Outcome",
        "QueueReason": "labeling.api.bench.serializers.REASONS",
        "DecisionMode": "labeling.api.bench.serializers.MODES",
        "ReservationMode": "labeling.models.Reservation.Mode",
        "HistoryEventKind": "labeling.selectors.history.EVENT_KINDS",
        "HistorySaidKind": "labeling.api.photo_context.serializers.SAID_KINDS",
        "AcquisitionName": "classifier.api.recipes.serializers.NAMES",
        "NeighboursState": "classifier.selectors.neighbours.STATES",
        "ProposalKind": "labeling.api.scales.serializers.KINDS",
        "ScaleMigrationState": "labeling.models.ScaleMigration.State",
        "ClassReportState": "classifier.api.classes.serializers.STATES",
        "SecondLookReason": "classifier.models.SecondLook.Reason",
        "SecondLookOutcome": "classifier.api.second_look.serializers.OUTCOMES",
        "LotAct": "labeling.api.lots.serializers.ACT_NAMES",
        "ImportState": "labeling.models.ImportBatch.State",
        "ExportState": "labeling.models.ExportJob.State",
        "ExportUnit": "labeling.models.ExportJob.Unit",
        "ExportPhotos": "labeling.models.ExportJob.Photos",
        "ExportFormat": "labeling.api.exports.serializers.FORMAT_NAMES",
        "PhotoStatus": "labeling.models.Photo.Status",
        "PhotoAdvice": "labeling.models.Photo.Advice",
        "TokenScope": "labeling.models.TokenScope",
        "WebhookEvent": "labeling.models.WebhookEvent",
        "WebhookToldEvent": "labeling.api.webhooks.serializers.TOLD_EVENTS",
        "WebhookFailure": "labeling.models.WebhookDelivery.Failure",
        "WebhookDeliveryState": "labeling.models.WebhookDelivery.State",
        "RunState": "classifier.models.RunState",
        "ModelVersionState": "classifier.models.ModelVersion.State",
        "PracticeKind": "labeling.models.PracticeAnswer.Kind",
        "PracticeGrade": "labeling.models.PracticeAnswer.Grade",
        "PracticeState": "labeling.models.Practice.State",
        "PracticePersonState": "labeling.api.practice.serializers.PERSON_STATES",
        "ModelExportFormat": "classifier.models.ModelExport.Format",
    },
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
