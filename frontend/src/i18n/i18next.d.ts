import "i18next";
import type adjudicate from "./es/adjudicate.json";
import type agreement from "./es/agreement.json";
import type atlas from "./es/atlas.json";
import type auth from "./es/auth.json";
import type classes from "./es/classes.json";
import type common from "./es/common.json";
import type dashboard from "./es/dashboard.json";
import type errors from "./es/errors.json";
import type exports from "./es/exports.json";
import type grid from "./es/grid.json";
import type imports from "./es/imports.json";
import type map from "./es/map.json";
import type models from "./es/models.json";
import type overview from "./es/overview.json";
import type people from "./es/people.json";
import type photos from "./es/photos.json";
import type practice from "./es/practice.json";
import type projects from "./es/projects.json";
import type report from "./es/report.json";
import type review from "./es/review.json";
import type secondLook from "./es/secondLook.json";
import type settings from "./es/settings.json";
import type training from "./es/training.json";
import type webhooks from "./es/webhooks.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: {
      adjudicate: typeof adjudicate;
      agreement: typeof agreement;
      atlas: typeof atlas;
      auth: typeof auth;
      classes: typeof classes;
      common: typeof common;
      dashboard: typeof dashboard;
      errors: typeof errors;
      exports: typeof exports;
      grid: typeof grid;
      imports: typeof imports;
      map: typeof map;
      models: typeof models;
      overview: typeof overview;
      people: typeof people;
      photos: typeof photos;
      practice: typeof practice;
      projects: typeof projects;
      report: typeof report;
      review: typeof review;
      secondLook: typeof secondLook;
      settings: typeof settings;
      training: typeof training;
      webhooks: typeof webhooks;
    };
  }
}
